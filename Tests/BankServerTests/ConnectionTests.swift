import BankAPI
import Chain
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import BankServer

/// What is said on one connection, byte by byte.
@Suite struct ConnectionTests {
    static let health = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    static let last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    static let batch =
        "POST /v1/transfers/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

    /// A server with nobody behind it.
    private func withServer(
        configure: (inout AppConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestBank) async throws -> Void
    ) async throws {
        try await TestBank.run(
            [HostAndPort(host: "127.0.0.1", port: 1)], ready: false, configure: configure, body)
    }

    private func count(_ text: String, in answers: String) -> Int {
        answers.split(separator: text, omittingEmptySubsequences: false).count - 1
    }

    @Test func answersPipelinedRequestsInOrder() async throws {
        try await withServer { bank in
            let unknown = "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
            let answers = try await bank.exchange(Self.health + unknown + Self.health + Self.last)
            let codes = answers.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(codes == ["200", "404", "200", "200"])
        }
    }

    @Test func whatIsNotHTTPAfterARequestIsRefusedAfterItsAnswer() async throws {
        try await withServer { bank in
            let answers = try await bank.exchange(Self.health + "\u{1}\u{2}\r\n\r\n")
            let codes = answers.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(codes == ["200", "400"])
        }
    }

    @Test func manyPipelinedRequestsAreAllAnswered() async throws {
        try await withServer { bank in
            let many = String(repeating: Self.health, count: 5000)
            let answers = try await bank.exchange(many + Self.last)
            #expect(count("HTTP/1.1 200 OK", in: answers) == 5001)
        }
    }

    /// RFC 9112, section 9.6: a caller may close its side once it has said all.
    @Test func answersACallerThatHasClosedItsSide() async throws {
        try await withServer { bank in
            let answers = try await bank.exchange(Self.health + Self.health, thenCloses: true)
            #expect(count("HTTP/1.1 200 OK", in: answers) == 2)
            let short = Self.batch + "Content-Length: 10\r\n\r\n{"
            let half = try await bank.exchange(short, thenCloses: true)
            #expect(half.hasPrefix("HTTP/1.1 400 "))
            #expect(half.contains("ended early"))
        }
    }

    @Test func asksForABodyThatItsCallerHoldsBack() async throws {
        try await withServer { bank in
            let wanted = try await bank.exchange(
                Self.batch
                    + "Connection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n[]")
            #expect(wanted.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 "))
            let unwanted = try await bank.exchange(
                Self.batch + "Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n")
            #expect(unwanted.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func keepsAConnectionOfHTTP10OnlyWhenAsked() async throws {
        try await withServer { bank in
            let plain = try await bank.exchange("GET /healthz HTTP/1.0\r\n\r\n")
            #expect(plain.contains("connection: close"))
            let kept = try await bank.exchange(
                "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + Self.last)
            #expect(count("HTTP/1.1 200 OK", in: kept) == 2)
            #expect(kept.contains("connection: keep-alive"))
        }
    }

    @Test func takesATargetInAbsoluteForm() async throws {
        try await withServer { bank in
            let answer = try await bank.exchange(
                "GET http://bank.example:80/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func pastTheLimitOfConnectionsTheyWait() async throws {
        try await withServer {
            $0.httpLimits.connections = 1
        } _: { bank in
            let first = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: bank.address.host, port: bank.address.port).get()
            let isClosed = Atomic(false)
            async let isAnsweredLater = {
                try await bank.exchange(Self.last).hasPrefix("HTTP/1.1 200 ")
                    && isClosed.load(ordering: .relaxed)
            }()
            // Long enough for an answer that must not come.
            try await Task.sleep(for: .milliseconds(100))
            isClosed.store(true, ordering: .relaxed)
            try await first.close()
            #expect(try await isAnsweredLater)
        }
    }

    @Test func anIdleConnectionDoesNotHoldUpAShutdown() async throws {
        let start = ContinuousClock.now
        let idle = try await TestBank.run(
            [HostAndPort(host: "127.0.0.1", port: 1)], ready: false
        ) { bank in
            _ = try await bank.get("/healthz")
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: bank.address.host, port: bank.address.port).get()
        }
        try await idle.closeFuture.get()
        #expect(start.duration(to: .now) < .seconds(20))
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 GMT"),
    ])
    func spellsDates(second: Int, text: String) {
        #expect(HTTPDate.text(second) == text)
    }
}
