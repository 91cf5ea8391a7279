import BankAPI
import Foundation
import HTTPFront
import Logging
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import BankServer
@testable import Chain

extension Trait where Self == BankTrait {
    /// Callers are looked after often.
    fileprivate static var attentiveBank: BankTrait {
        .bank { $0.httpLimits.presenceTime = .milliseconds(50) }
    }
}

/// A caller that hangs up before its answer.
@Suite(.timeLimit(.minutes(5)))
struct CallerLeavesTests {
    private static func request(_ line: String, body: String = "") -> String {
        """
        \(line) HTTP/1.1\r\nhost: 127.0.0.1\r\ngrpc-timeout: 60S\r\n\
        content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)
        """
    }

    /// Sends a request, and closes the connection when the service has its call.
    private func leave(
        _ bank: TestBank, after text: String, _ rpc: String, of fake: FakeBalances
    ) async throws {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: bank.address.host, port: bank.address.port).get()
        try await channel.writeAndFlush(ByteBuffer(string: text))
        try await eventually { fake.pausing.contains(rpc) }
        try await channel.close()
    }

    @Test(
        .attentiveBank,
        arguments: [
            ("/v1/audit", "RunAudit"),
            ("/v1/accounts/\(FakeBalances.known)/statement", "GetStatement"),
        ])
    func aReadEnds(path: String, rpc: String) async throws {
        fake.pauses[rpc] = .seconds(60)
        try await leave(bank, after: Self.request("GET \(path)"), rpc, of: fake)
        try await eventually { fake.cancelled == [rpc] }
        // The connection to the service is as good as before.
        fake.pauses[rpc] = .zero
        #expect(try await bank.get(path).status == 200)
    }

    /// That somebody did not wait is no problem of the server's.
    @Test(arguments: [
        ("/v1/audit", "RunAudit"), ("/v1/accounts/\(FakeBalances.known)/balance", "GetBalances"),
    ])
    func aReaderThatLeftIsLoggedAsGone(path: String, rpc: String) async throws {
        let log = try RecordedLog()
        let fake = FakeBalances()
        try await fake.serve { address in
            try await TestBank.run([address], log: log.accessLog) { bank in
                fake.pauses[rpc] = .seconds(60)
                try await leave(bank, after: Self.request("GET \(path)"), rpc, of: fake)
                let path = RequestTarget(path).loggedPath
                try await eventually { log.line(of: path) != nil }
                fake.pauses[rpc] = .zero
            }
        }
        let line = try #require(log.line(of: RequestTarget(path).loggedPath))
        #expect(line.contains(" left=true "))
        #expect(!line.contains(" status=") && !line.contains(" code="))
    }

    @Test(.attentiveBank) func aWriteDoesNot() async throws {
        fake.pauses["OpenAccount"] = .seconds(1)
        let body = #"{"id":"\#(Body.newID())","name":"Zoe","currency":"USD"}"#
        try await leave(
            bank, after: Self.request("POST /v1/accounts", body: body), "OpenAccount", of: fake)
        try await eventually { !fake.pausing.contains("OpenAccount") }
        #expect(fake.cancelled == [])
    }

    /// Also while the server drains: its batch is answered first.
    @Test func aWriteIsWaitedForByADrain() async throws {
        let fake = FakeBalances()
        try await fake.serve { address in
            fake.pauses["SubmitTransfers"] = .seconds(1)
            let body = """
                {"id":"\(Body.newID())","kind":"deposit","amount":"5.00","currency":"USD",\
                "credit_account":"\(FakeBalances.known)"}
                """
            try await TestBank.run([address]) { bank in
                try await leave(
                    bank, after: Self.request("POST /v1/transfers", body: body), "SubmitTransfers",
                    of: fake)
            }
            #expect(fake.cancelled == [])
            #expect(fake.ledger.applied.count == 1)
        }
    }

    /// One after another on a connection: that one was answered is no departure.
    @Test(.attentiveBank) func whoStaysIsAnswered() async throws {
        fake.pauses["RunAudit"] = .milliseconds(100)
        let one = "GET /v1/audit HTTP/1.1\r\nhost: 127.0.0.1\r\ngrpc-timeout: 60S\r\n\r\n"
        let last =
            "GET /v1/audit HTTP/1.1\r\nhost: 127.0.0.1\r\ngrpc-timeout: 60S\r\nconnection: close\r\n\r\n"
        let answers = try await bank.exchange(one + one + last)
        #expect(answers.ranges(of: "HTTP/1.1 200 OK").count == 3)
        #expect(fake.cancelled == [])
    }

    /// It has said all, and still reads.
    @Test(.attentiveBank) func whoClosesOnlyItsSideIsAnswered() async throws {
        fake.pauses["RunAudit"] = .seconds(1)
        let answer = try await bank.exchange(Self.request("GET /v1/audit"), thenCloses: true)
        #expect(answer.hasPrefix("HTTP/1.1 102 Processing\r\n\r\n"))
        #expect(answer.contains("HTTP/1.1 200 OK\r\n"))
        #expect(fake.cancelled == [])
    }
}

/// What was logged of requests.
private final class RecordedLog: Sendable {
    private let descriptor: Int32
    private let buffer: LogBuffer

    var accessLog: AccessLog { AccessLog(tier: "test", level: .info, buffer: buffer) }

    init() throws {
        var path = Array("/tmp/teller-test-log-XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        try #require(descriptor >= 0)
        unlink(path)
        buffer = LogBuffer(descriptor: descriptor)
    }

    deinit {
        buffer.flush()
        close(descriptor)
    }

    /// The line of a request, once it is there.
    func line(of path: String) -> Substring? {
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self).split(separator: "\n")
            .first { $0.contains(" path=\(path) ") }
    }
}
