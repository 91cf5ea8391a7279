import BankAPI
import Ledger
import Synchronization
import Testing

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a bank says of who asks, and what becomes of it.
@Suite(.timeLimit(.minutes(10))) struct AskerTests {
    /// A batch bank whose first answers have a problem for some lines.
    private func with(
        _ problems: [[Int: Problem]], _ body: (BatchHome, FakeBank) async throws -> Void
    ) async throws {
        let rest = Mutex(problems)
        try await BatchHome.with { home in
            let behave: FakeBank.Behaviour = { request in
                guard request.path == BankRoute.transferBatch,
                    let some = rest.withLock({ $0.isEmpty ? nil : $0.removeFirst() })
                else { return home.bank.behave(request) }
                return Self.reply(request, home.bank, some)
            }
            try await FakeBank.serving(behave) { server in try await body(home, server) }
        }
    }

    /// Only the lines without a problem get to the bank.
    private static func reply(
        _ request: FakeBank.Request, _ bank: BatchBank, _ problems: [Int: Problem]
    ) -> FakeBank.Reply {
        do {
            var batch = try TransferBatch(body: Array(request.body.utf8))
            let count = batch.transfers.count
            batch.transfers = batch.transfers.enumerated()
                .filter { problems[$0.offset] == nil }.map(\.element)
            var done: [TransferBatchAnswer.Outcome] = []
            if !batch.transfers.isEmpty {
                let body = String(decoding: try BankJSON.encode(batch), as: UTF8.self)
                var part = request
                part.body = body
                guard case .answer(_, _, let json, _) = bank.behave(part) else { return .reset }
                done = try BankJSON.decoder().decode(
                    TransferBatchAnswer.self, from: Data(json.utf8)
                ).outcomes
            }
            var outcomes: [TransferBatchAnswer.Outcome] = []
            for index in 0..<count {
                outcomes.append(problems[index].map { .init($0) } ?? done.removeFirst())
            }
            let answer = TransferBatchAnswer(outcomes: outcomes)
            return .json(String(decoding: try BankJSON.encode(answer), as: UTF8.self))
        } catch {
            return .problem("400 Bad Request", "request_invalid", tier: "bank-server")
        }
    }

    private func transfer(_ home: BatchHome, _ server: FakeBank) async throws -> TellerProcess {
        try home.writeFile(BatchHome.csv("1", "2", "3"))
        return try await TellerProcess.run(
            ["transfer", "--file", home.path], server: server.url,
            environment: ["XDG_STATE_HOME": home.home.state])
    }

    @Test func aFileWaitsAfterTooManyTriesAndGoesOn() async throws {
        let wait = Problem(.tooManyTries, detail: "Too many tries.", retryAfter: 1)
        try await with([[0: wait, 1: wait, 2: wait], [1: wait, 2: wait], [1: wait]]) {
            home, server in
            let start = ContinuousClock.now
            let teller = try await transfer(home, server)
            #expect(teller.status == 0, "\(teller.output)\(teller.errors)")
            #expect(home.bank.done.count == 3)
            #expect(start.duration(to: .now) > .seconds(3))
            #expect(try await home.home.journal.pending().writes.isEmpty)
        }
    }

    /// Nobody is asked again who is not signed in any more; the same file goes on.
    @Test func aFileWhoseSessionEndsStopsAndGoesOn() async throws {
        let over = Problem(.unauthenticated, detail: "The session has ended: sign in again.")
        try await with([[1: over, 2: over]]) { home, server in
            let teller = try await transfer(home, server)
            #expect(teller.status == 77, "\(teller.output)\(teller.errors)")
            #expect(teller.errors.contains("1 done, 2 not done: the session has ended"))
            #expect(teller.errors.contains("sign in with 'teller login NAME'"))
            #expect(teller.errors.contains("the same file again, unchanged, goes on"))
            #expect(server.requests.count { $0.path == BankRoute.transferBatch } == 1)
            #expect(try await home.home.journal.pending().writes.isEmpty)
            let again = try await transfer(home, server)
            #expect(again.status == 0, "\(again.errors)")
            #expect(home.bank.done.count == 3)
        }
    }

    private static let answers = [
        ("deposit", "401 Unauthorized", "unauthenticated", "teller login NAME"),
        ("deposit", "403 Forbidden", "forbidden", "refused: it is so"),
        ("close", "403 Forbidden", "forbidden", "nothing was done"),
    ]

    /// A refusal of a transfer is the ledger's answer for ever; of an account it is not kept.
    @Test(arguments: answers)
    func whatMayNotBeAskedIsNotAskedAgain(
        command: String, status: String, code: String, word: String
    ) async throws {
        try await WriteTestHome.with { home in
            home.ledger.fail(
                .init(isApplied: false, reply: .problem(status, code, tier: "balance-service")))
            let teller = try await home.teller(
                [command] + (command == "close" ? [] : ["5"]) + [FakeLedger.alice])
            teller.expectFailure(code == "forbidden" ? 1 : 77, saying: "it is so", word)
            #expect(home.posts.count == 1)
            #expect(try await home.journal.pending().writes.isEmpty)
            let result = command == "deposit" && code == "forbidden" ? "refused" : "nothing_done"
            #expect(home.lines.last?.contains("\"result\":\"\(result)\"") == true)
        }
    }

    @Test func oneWaitsAfterTooManyTries() async throws {
        try await WriteTestHome.with { home in
            func limited(_ seconds: Int) -> FakeLedger.Fault {
                .init(
                    isApplied: false,
                    reply: .problem(
                        "429 Too Many Requests", "too_many_tries", tier: "balance-service",
                        more: "retry-after: \(seconds)\r\n"))
            }
            home.ledger.failNext(limited(1))
            let start = ContinuousClock.now
            let teller = try await home.teller("deposit", "5", FakeLedger.alice)
            #expect(teller.status == 0, "\(teller.errors)")
            #expect(start.duration(to: .now) >= .seconds(1))
            home.ledger.fail(limited(3600))
            let late = try await home.teller("deposit", "5", FakeLedger.alice)
            late.expectFailure(75, saying: "it is so", "nothing was done")
        }
    }
}
