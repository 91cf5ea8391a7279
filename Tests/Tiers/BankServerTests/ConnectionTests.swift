import BankAPI
import Chain
import Foundation
import HTTPFront
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import BankServer

/// What is said on one connection, byte by byte.
@Suite struct ConnectionTests {
    static let health = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    static let last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    static let batch =
        "POST /v1/transfers/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

    private func count(_ text: String, in answers: String) -> Int {
        answers.components(separatedBy: text).count - 1
    }

    private func codes(_ answers: String) -> [Substring] {
        answers.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
    }

    @Test(.bank(services: 0)) func answersPipelinedRequestsInOrder() async throws {
        let unknown = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let answers = try await bank.exchange(Self.health + unknown + Self.health + Self.last)
        #expect(codes(answers) == ["200", "404", "200", "200"])
    }

    @Test(.bank(services: 0))
    func whatIsNotHTTPAfterARequestIsRefusedAfterItsAnswer() async throws {
        let answers = try await bank.exchange(Self.health + "\u{1}\u{2}\r\n\r\n")
        #expect(codes(answers) == ["200", "400"])
    }

    @Test(.bank(services: 0)) func manyPipelinedRequestsAreAllAnswered() async throws {
        let many = String(repeating: Self.health, count: 3000)
        let answers = try await bank.exchange(many + Self.last)
        #expect(count("HTTP/1.1 200 OK", in: answers) == 3001)
    }

    /// RFC 9112, section 9.6: a caller may close its side once it has said all.
    @Test(.bank(services: 0)) func answersACallerThatHasClosedItsSide() async throws {
        let answers = try await bank.exchange(Self.health + Self.health, thenCloses: true)
        #expect(count("HTTP/1.1 200 OK", in: answers) == 2)
        let short = Self.batch + "Content-Length: 10\r\n\r\n{"
        let half = try await bank.exchange(short, thenCloses: true)
        #expect(half.hasPrefix("HTTP/1.1 400 "))
        #expect(half.contains("ended early"))
    }

    @Test(.bank(services: 0)) func asksForABodyThatItsCallerHoldsBack() async throws {
        let wanted = try await bank.exchange(
            Self.batch
                + "Connection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n[]")
        #expect(wanted.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 "))
        let unwanted = try await bank.exchange(
            Self.batch + "Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n")
        #expect(unwanted.hasPrefix("HTTP/1.1 413 "))
    }

    /// RFC 9110, section 10.1.1: also when it was sent before the answer to the request before it.
    @Test(.bank(services: 0)) func asksForABodyAfterTheAnswerBefore() async throws {
        let answers = try await bank.exchange(
            Self.health + Self.batch + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n",
            then: "[]" + Self.last, after: "100 Continue")
        #expect(codes(answers) == ["200", "100", "400", "200"])
    }

    @Test(.bank(services: 0) { $0.httpLimits.bodyTime = .milliseconds(100) })
    func aBodyThatNeverEndsIsBoundedAfterAnAnswerToo() async throws {
        let answers = try await bank.exchange(
            Self.health + Self.batch + "Content-Length: 10\r\n\r\n{")
        #expect(codes(answers) == ["200", "504"])
    }

    @Test(.bank(services: 0)) func aHeadInManyPiecesThatIsTooLargeIsToldSo() async throws {
        let answer = try await bank.exchange(
            "GET /healthz HTTP/1.1\r\nX: " + String(repeating: "a", count: 2_000_000))
        #expect(answer.hasPrefix("HTTP/1.1 431 "))
        #expect(answer.contains("date: "))
    }

    /// An answer that is larger than what the system takes at once arrives whole.
    @Test(.bank(services: 0), arguments: [true, false])
    func aLargeLastAnswerIsNotCut(callerHasClosed: Bool) async throws {
        let whole = try await bank.get("/openapi.yaml").text
        let request = "GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let many = String(repeating: request, count: 300)
        let answers = try await bank.exchange(
            many + (callerHasClosed ? "" : Self.last), thenCloses: callerHasClosed,
            readsAfter: .milliseconds(200))
        #expect(answers.utf8.count > 300 * whole.utf8.count)
        #expect(callerHasClosed ? answers.hasSuffix(whole) : answers.hasSuffix("}"))
    }

    @Test(
        .bank(services: 0),
        arguments: [
            "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
            "CONNECT example.com:80 HTTP/1.1\r\nHost: example.com\r\n\r\n",
        ])
    func whatAsksForAnotherProtocolIsAnsweredAndClosed(request: String) async throws {
        let answer = try await bank.exchange(request + Self.health)
        #expect(count("HTTP/1.1 ", in: answer) == 1)
        #expect(answer.contains("connection: close"))
    }

    @Test(.bank(services: 0) { $0.httpLimits.allBodiesBytes = 100 })
    func pastTheMemoryForBodiesItIsOverloaded() async throws {
        let small =
            Self.batch + "Connection: close\r\nContent-Length: 100\r\n\r\n"
            + String(repeating: " ", count: 100)
        for _ in 1...3 {
            let answer = try await bank.exchange(small)
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
        }
        let large = Self.batch + "Content-Length: 101\r\n\r\n" + String(repeating: " ", count: 101)
        let answer = try await bank.exchange(large)
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.contains("retry-after: 1"))
        #expect(try await bank.exchange(small).hasPrefix("HTTP/1.1 400 "))
    }

    /// What is announced and does not come takes nothing from those whose bodies come.
    @Test(
        .bank(services: 0) {
            $0.httpLimits.allBodiesBytes = 100
            $0.httpLimits.bodyTime = .seconds(30)
        }, arguments: ["Transfer-Encoding: chunked", "Content-Length: 100"])
    func othersAreServedWhileBodiesDoNotCome(announcement: String) async throws {
        let head =
            Self.batch + "grpc-timeout: 30S\r\nExpect: 100-continue\r\n\(announcement)\r\n\r\n"
        try await bank.whileHanging(Array(repeating: head, count: 5)[...]) {
            let whole =
                Self.batch + "Connection: close\r\nContent-Length: 100\r\n\r\n"
                + String(repeating: " ", count: 100)
            for _ in 1...3 {
                let answer = try await bank.exchange(whole)
                #expect(answer.hasPrefix("HTTP/1.1 400 "))
            }
        }
    }

    @Test(
        .bank(services: 0),
        arguments: [
            ("GET /healthz HTTP/1.1\r\n", "400"),
            ("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n", "400"),
            ("GET /healthz HTTP/1.0\r\n", "200"),
            ("GET /healthz HTTP/1.1\r\nHost: x\r\ngrpc-timeout: soon\r\n", "200"),
            ("GET http://localhost?x=/healthz HTTP/1.1\r\nHost: [::1]\r\n", "404"),
            ("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0 \r\n", "200"),
            (batch + "Transfer-Encoding: gzip, chunked\r\n", "400"),
        ])
    func isAnsweredAsTheStandardHasIt(head: String, status: String) async throws {
        let answer = try await bank.exchange(head + "Connection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
    }

    @Test(.bank(services: 0)) func keepsAConnectionOfHTTP10OnlyWhenAsked() async throws {
        let plain = try await bank.exchange("GET /healthz HTTP/1.0\r\n\r\n")
        #expect(plain.contains("connection: close"))
        let kept = try await bank.exchange(
            "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + Self.last)
        #expect(count("HTTP/1.1 200 OK", in: kept) == 2)
        #expect(kept.contains("connection: keep-alive"))
    }

    @Test(.bank(services: 0)) func takesATargetInAbsoluteForm() async throws {
        let answer = try await bank.exchange(
            "GET http://bank.example:80/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
    }

    @Test(.bank(services: 0) { $0.httpLimits.connections = 1 })
    func pastTheLimitOfConnectionsTheyWait() async throws {
        let first = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: bank.address.host, port: bank.address.port).get()
        let isClosed = Flag()
        async let isAnsweredLater = {
            try await bank.exchange(Self.last).hasPrefix("HTTP/1.1 200 ") && isClosed.isRaised
        }()
        // Long enough for an answer that must not come.
        try await Task.sleep(for: .milliseconds(100))
        isClosed.raise()
        try await first.close()
        #expect(try await isAnsweredLater)
    }

    @Test func anIdleConnectionDoesNotHoldUpAShutdown() async throws {
        let start = ContinuousClock.now
        let idle = try await TestBank.run(
            [HostAndPort(host: "127.0.0.1", port: 1)], ready: false
        ) { bank in
            _ = try await bank.get("/healthz")
            return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: bank.address.host, port: bank.address.port).get()
        }
        try await idle.closeFuture.get()
        #expect(start.duration(to: .now) < .seconds(20))
    }

    /// Closed before, the connection could be reset, and with it what the caller has yet to read.
    @Test func aShutdownWaitsForACallerToCloseItsSide() async throws {
        let isClosed = Flag()
        let nobody = HostAndPort(host: "127.0.0.1", port: 1)
        try await TestBank.run([nobody], ready: false) {
            $0.httpLimits.lingerTime = .seconds(60)
        } _: { bank in
            let (ended, end) = AsyncStream.makeStream(of: Void.self)
            let caller = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(EndOfInput(end))
                    }
                }
                .connect(host: bank.address.host, port: bank.address.port).get()
            try await caller.writeAndFlush(ByteBuffer(string: Self.last))
            for await _ in ended { break }
            // Long enough for a shutdown that must not end.
            caller.eventLoop.scheduleTask(in: .milliseconds(200)) {
                isClosed.raise()
                caller.close(promise: nil)
            }
        }
        #expect(isClosed.isRaised)
    }
}

/// Tells when the other side has said all.
private final class EndOfInput: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let end: AsyncStream<Void>.Continuation

    init(_ end: AsyncStream<Void>.Continuation) { self.end = end }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { end.yield() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end.finish()
        context.fireChannelInactive()
    }
}
