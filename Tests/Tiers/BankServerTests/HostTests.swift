import BankAPI
import Chain
import NIOHTTP1
import Testing

@testable import BankServer

/// A page of another site must not reach the bank through its reader's browser.
@Suite struct HostTests {
    @Test(
        arguments: [
            ("localhost", "localhost"), ("LOCALHOST.:80", "localhost"),
            ("a.localhost", "a.localhost"),
            ("bank-server:8080", "bank-server"), ("my_host.example", "my_host.example"),
            ("evil.example", "evil.example"), ("127.1", "127.1"), ("2130706433", "2130706433"),
            ("127.0.0.1.evil.example", "127.0.0.1.evil.example"),
        ])
    func readsNames(text: String, name: String) {
        #expect(RequestHost(text[...])?.name == name)
    }

    @Test(arguments: ["127.0.0.1", "10.0.0.1:8080", "[::1]", "[::1]:65535", "[::ffff:127.0.0.1]:1"])
    func readsAddresses(text: String) throws {
        let host = try #require(RequestHost(text[...]))
        #expect(host.name == nil)
        #expect(host.isKnown(among: []))
    }

    static let odd = [
        "", ".", ":80", "a..b", ".a", "localhost:", "localhost:0", "localhost:65536",
        "localhost:+80", "localhost:8 0", "localhost:80:80", "localhost:8\u{301}0", "localhost:٨٠",
        "user@localhost", "user:pass@localhost", "localhost/", "localhost?", "localhost#",
        "local host",
        "localhost\u{301}", "l\u{131}calhost", "loca\u{212a}host", "a,b", "%6cocalhost", "::1",
        "[::1",
        "[]", "[localhost]", "[127.0.0.1]", "[::1]x", "[::1%25lo]", "[::1]\u{301}:80", "*", "a\\b",
        String(repeating: "a", count: 254),
    ]

    @Test(arguments: odd) func refusesWhatIsNoHost(text: String) {
        #expect(RequestHost(text[...]) == nil)
    }

    @Test func onlyLoopbackAndWhatIsConfiguredIsKnown() {
        for (text, isKnown) in [
            ("localhost", true), ("a.localhost", true), ("bank.example", true),
            ("BANK.example.:1", true), ("evil.example", false), ("alocalhost", false),
            ("localhost.evil.example", false), ("x.bank.example", false), ("0x7f.1", false),
        ] {
            let host = RequestHost(text[...])
            #expect(host?.isKnown(among: ["bank.example"]) == isKnown, "\(text)")
        }
    }

    private static let balance = "/v1/accounts/\(FakeBalances.known)/balance"

    /// A request's head, and the status and the code of its answer.
    static let requests: [(head: String, status: Int, code: ProblemCode?)] = [
        ("GET \(balance) HTTP/1.1\r\nHost: evil.example:8080", 421, .hostNotAllowed),
        ("GET \(balance) HTTP/1.1\r\nHost: BANK.example", 200, nil),
        ("GET \(balance) HTTP/1.1\r\nHost: localhost:8080 ", 200, nil),
        ("GET \(balance) HTTP/1.1\r\nHost: 192.0.2.1", 200, nil),
        ("GET \(balance) HTTP/1.0", 200, nil),
        ("GET \(balance) HTTP/1.0\r\nHost: evil.example", 421, .hostNotAllowed),
        ("GET /openapi.yaml HTTP/1.1\r\nHost: evil.example", 421, .hostNotAllowed),
        ("GET /nowhere HTTP/1.1\r\nHost: evil.example", 421, .hostNotAllowed),
        ("GET /healthz HTTP/1.1\r\nHost: evil.example", 200, nil),
        ("GET /readyz HTTP/1.1\r\nHost: evil.example", 200, nil),
        ("GET http://evil.example\(balance) HTTP/1.1\r\nHost: localhost", 421, .hostNotAllowed),
        ("GET http://localhost\(balance) HTTP/1.1\r\nHost: evil.example", 421, .hostNotAllowed),
        ("GET HTTP://localhost\(balance) HTTP/1.1\r\nHost: localhost", 200, nil),
        ("GET http://u@localhost\(balance) HTTP/1.1\r\nHost: localhost", 400, .requestInvalid),
    ]

    @Test(.bank { $0.hostNames = ["bank.example"] })
    func aNameThatIsNotItsOwnIsRefused() async throws {
        for request in Self.requests {
            let answer = try await bank.exchange(request.head + "\r\nConnection: close\r\n\r\n")
            let name = Comment(rawValue: request.head + ": " + answer)
            #expect(answer.hasPrefix("HTTP/1.1 \(request.status) "), name)
            #expect(
                request.code.map { answer.contains("\"code\":\"\($0.rawValue)\"") } ?? true,
                name)
        }
        let problem = try await bank.get(Self.balance, headers: ["host": "Evil.example"])
            .problem
        #expect(problem.detail.contains("--host-name evil.example"))
    }

    /// The Host, the Origin, and what a write gets. A read has no need of it: a browser keeps its answer
    /// from a page that may not read it.
    static let origins: [(host: String, origins: [String], status: Int)] = [
        ("localhost:8080", ["http://localhost:8080"], 200),
        ("LocalHost:8080", ["http://localhost:8080"], 200),
        ("localhost", ["https://localhost"], 200), ("192.0.2.1", ["http://192.0.2.1"], 200),
        ("localhost:8080", ["http://localhost:3000"], 403),
        ("localhost:8080", ["http://127.0.0.1:8080"], 403),
        ("localhost", ["http://evil.example"], 403), ("localhost", ["null"], 403),
        ("localhost", [""], 403), ("localhost", ["http://"], 403),
        ("localhost", ["localhost"], 403),
        ("localhost", ["ftp://localhost"], 403), ("localhost", ["http://localhost\u{301}"], 403),
        ("localhost", ["http://localhost, http://evil.example"], 403),
        ("localhost", ["http://localhost", "http://evil.example"], 400),
        ("evil.example", ["http://evil.example"], 421),
    ]

    @Test(.bank) func aPageOfAnotherSiteWritesNothing() async throws {
        var done = 0
        for row in Self.origins {
            let fields = row.origins.map { ("origin", $0) } + [("host", row.host)]
            let headers = HTTPHeaders(fields)
            let answer = try await bank.transfer(Body.transfer(), headers: headers)
            #expect(answer.status == row.status, "\(row): \(answer.text)")
            done += row.status == 200 ? 1 : 0
            #expect(fake.ledger.applied.count == done, "\(row)")
        }
        for (site, status) in [
            ("same-origin", 200), ("same-site", 403), ("cross-site", 403), ("none", 403), ("", 403),
        ] {
            let answer = try await bank.transfer(
                Body.transfer(), headers: ["sec-fetch-site": site])
            #expect(answer.status == status, "\(site): \(answer.text)")
            done += status == 200 ? 1 : 0
            #expect(fake.ledger.applied.count == done, "\(site)")
        }
        let read = try await bank.balance(headers: ["origin": "http://evil.example"])
        #expect(read.status == 200)
    }
}
