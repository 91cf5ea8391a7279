import BankAPI
import Chain
import Testing

@testable import BankServer

/// What a head says twice, or in a way that two readers would read as two things, is refused.
@Suite struct RequestHeadTests {
    /// The lines of a write besides its own, which get 400; and the same without what is wrong.
    static let refused = [
        "Host: localhost\r\nHost: localhost", "Host: localhost\r\nhost: evil.example", "Host:",
        "X: y",
        "Host: localhost\r\nContent-Type: application/json",
        "Host: localhost\r\ncontent-type: text/plain",
        "Host: localhost\r\ngrpc-timeout: 5S\r\ngrpc-timeout: 1S",
        "Host: localhost\r\ngrpc-timeout: 5S, 1S", "Host: localhost\r\ngrpc-timeout: 5\u{301}S",
        "Host: localhost\r\ngrpc-timeout: 5S\u{600} ", "Host: localhost\r\ngrpc-timeout: ٥S",
        "Host: localhost\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            + "\r\nTraceParent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "Host: localhost\r\nContent-Encoding: gzip",
        "Host: localhost\r\nContent-Encoding: identity",
        "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://localhost",
        "Host: localhost\r\nExpect: 100-continue\r\nExpect: 100-continue",
        "Host: localhost\r\nContent-Length: 2", "Host: localhost\r\nContent-Length: 3",
        "Host: localhost\r\nContent-Length: 2, 2", "Host: localhost\r\nTransfer-Encoding: chunked",
        "Host : localhost", "Host: localhost\r\nX : y", "Host: localhost\r\n X: y",
        "Host: localhost\r\nX: y\r\n z", "Host: localhost\r\nX: y\r\n\tz",
        "Host: localhost\r\nX\0: y",
        "Host: localhost\r\nX\u{301}: y", "Host: localhost\r\nX: y\0", "Host: localhost\r\n: y",
    ]

    static let start = "POST /v1/transfers HTTP/1.1\r\nConnection: close\r\n"
    static let length = "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"

    /// Sends each text to one server, with nobody behind it.
    private func answers(_ texts: [String]) async throws -> [String] {
        var answers: [String] = []
        for text in texts { answers.append(try await bank.exchange(text)) }
        return answers
    }

    @Test(.bank(services: 0)) func isRefused() async throws {
        let texts = Self.refused.map { "\(Self.start)\($0)\r\n\(Self.length)" }
        for (text, answer) in zip(texts, try await answers(texts)) {
            #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(text)\n\(answer)")
            // That is of the body, which nobody came to.
            #expect(!answer.contains("must be a JSON object"), "\(text)\n\(answer)")
        }
        let right = try await answers(["\(Self.start)Host: localhost\r\n\(Self.length)"])
        #expect(right[0].contains("must be a JSON object"))
    }

    static let types = [
        "application/json\u{301}", "application/json\u{37e}charset=utf-8", "application/jso\u{144}",
        "application/json x", "application/json, text/plain", "application\u{2215}json",
        "application/json;\r\nContent-Type: text/plain", "", "application/json\u{a0}",
    ]

    @Test(.bank(services: 0)) func isNoJSON() async throws {
        let texts = Self.types.map {
            "\(Self.start)Host: localhost\r\nContent-Type: \($0)\r\nContent-Length: 2\r\n\r\n[]"
        }
        for (text, answer) in zip(texts, try await answers(texts)) {
            #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(text)\n\(answer)")
            #expect(answer.contains("content-type"), "\(text)\n\(answer)")
        }
    }

    @Test(.bank(services: 0)) func isNoTransferCoding() async throws {
        let texts = ["chun\u{212a}ed", "chunked\u{301}", "gzip, chunked", "chunked, chunked", "x"]
            .map {
                "\(Self.start)Host: localhost\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: \($0)\r\n\r\n2\r\n[]\r\n0\r\n\r\n"
            }
        for (text, answer) in zip(texts, try await answers(texts)) {
            #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(text)\n\(answer)")
            #expect(!answer.contains("must be a JSON object"), "\(text)\n\(answer)")
        }
    }

    static let targets = [
        ("/healthz?\u{301}", 400), ("/healthz\u{301}", 400), ("/healthz/\u{301}", 400),
        ("/v1/accounts/\u{301}/x", 400), ("/healthz\u{a0}", 400),
        ("/v1/accounts?page_size=\u{665}", 400),
        ("/v1/accounts?page_size=%D9%A5", 400), ("/v1/accounts?page_size=5%CC%81", 400),
        ("/v1/accounts?page_size=5%26currency=USD", 400), ("/v1/accounts?page%5Fsize=5", 400),
        ("/v1/%61ccounts", 404), ("ftp://localhost/healthz", 404), ("localhost/healthz", 400),
        ("/healthz?x://y/healthz", 200), ("http://localhost?/healthz", 404),
        ("http://localhost/healthz?x", 200),
    ]

    @Test(.bank(services: 0)) func targetsAreReadByBytes() async throws {
        let texts = Self.targets.map {
            "GET \($0.0) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        }
        for ((target, status), answer) in zip(Self.targets, try await answers(texts)) {
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(target)\n\(answer)")
        }
    }
}
