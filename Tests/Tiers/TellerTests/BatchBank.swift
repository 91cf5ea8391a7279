import BankAPI
import Ledger
import Synchronization

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A bank that takes batches: it refuses amounts of 999, loses the answer to amounts of 888 though
/// it does them, and does all others.
final class BatchBank: Sendable {
    static let ledger = Identifier(high: 0x0197_0000_0000_7000, low: 1 << 63 | 9)

    private struct State {
        var done: [Identifier: RecordedTransfer] = [:]
        var batches: [TransferBatch] = []
        /// How many more batches get an answer; `nil`: all.
        var answers: Int?
        var broken: Int64 = 0
        var accounts: [AccountNumber: Account] = [:]
    }

    private let state = Mutex(State())

    var done: Set<Identifier> { state.withLock { Set($0.done.keys) } }
    var batches: [TransferBatch] { state.withLock { $0.batches } }

    /// Whether batches get no answer from now on.
    func lose(_ isLost: Bool) { answer(isLost ? 0 : nil) }
    /// Lets only so many more batches get an answer; `nil`: all.
    func answer(_ batches: Int?) { state.withLock { $0.answers = batches } }
    /// Forgets what was done, as no ledger may.
    func forget(_ id: Identifier) { state.withLock { $0.done[id] = nil } }
    /// Does what it has refused, as no ledger may.
    func doNevertheless(_ request: TransferRequest) {
        state.withLock { $0.done[request.id] = Self.record(request) }
    }
    /// Changes an account that was opened, or forgets it, as no ledger may.
    func change(_ number: AccountNumber, _ body: (inout Account?) -> Void) {
        state.withLock { body(&$0.accounts[number]) }
    }
    func breakInvariant() { state.withLock { $0.broken = 2 } }

    @Sendable func behave(_ request: FakeBank.Request) -> FakeBank.Reply {
        switch request.path {
        case BankRoute.bank: return json(Bank(bank: "DEMO", ledger: Self.ledger))
        case BankRoute.transferBatch: return batch(request.body)
        case BankRoute.transferLookup: return lookup(request.body)
        case BankRoute.audit: return audit()
        case let path where path.hasSuffix("/balance"):
            let number = path.split(separator: "/").dropFirst(2).first ?? ""
            guard !number.hasSuffix("7777") else {
                return .problem("404 Not Found", "account_unknown", tier: "balance-service")
            }
            return .json(FakeBank.balance(of: String(number)))
        case let path where path.hasPrefix(BankRoute.accounts): return account(request)
        default: return .reset
        }
    }

    /// Opens, closes and reads.
    private func account(_ request: FakeBank.Request) -> FakeBank.Reply {
        state.withLock { state in
            let words = request.path.split(separator: "/").map(String.init)
            if words.count == 2 { return open(request.body, &state) }
            guard let number = try? AccountNumber(words[2]), var account = state.accounts[number]
            else { return .problem("404 Not Found", "account_unknown", tier: "balance-service") }
            if words.last == "close" {
                guard account.name != "Stays" else {
                    return .problem("422 X", "account_not_empty", tier: "balance-service")
                }
                account.closedAt = .init(microseconds: 86_400_000_000)
                state.accounts[number] = account
            }
            return json(account)
        }
    }

    private func open(_ body: String, _ state: inout State) -> FakeBank.Reply {
        guard
            let open = try? BankJSON.decoder().decode(OpenAccount.self, from: .init(body.utf8)),
            let number = try? AccountNumber(
                bank: "DEMO", number: Int64(100 + state.accounts.count))
        else { return .problem("400 Bad Request", "request_invalid", tier: "bank-server") }
        let zero = Money(minorUnits: 0, currency: open.overdraftLimit.currency)
        let account = Account(
            account: number, name: open.name.description, balance: zero, held: zero,
            overdraftLimit: open.overdraftLimit, version: 0,
            openedAt: .init(microseconds: 0), closedAt: nil)
        state.accounts[number] = account
        return json(account)
    }

    private func batch(_ body: String) -> FakeBank.Reply {
        guard let batch = try? TransferBatch(body: Array(body.utf8)) else {
            return .problem("400 Bad Request", "request_invalid", tier: "bank-server")
        }
        return state.withLock { state in
            state.batches.append(batch)
            if state.answers == 0 { return .reset }
            state.answers = state.answers.map { $0 - 1 }
            var outcomes = batch.transfers.map { Self.outcome($0) }
            if batch.atomic, outcomes.contains(where: { $0.problem != nil }) {
                outcomes = outcomes.map {
                    $0.problem == nil ? .init(Problem(.linkedRefused, detail: "No.")) : $0
                }
                return json(TransferBatchAnswer(outcomes: outcomes))
            }
            for request in batch.transfers where !Self.amount(request).hasPrefix("999") {
                state.done[request.id] = Self.record(request)
            }
            return json(TransferBatchAnswer(outcomes: outcomes))
        }
    }

    private static func amount(_ request: TransferRequest) -> String {
        guard case .transfer(_, _, let amount) = request.action else { return "" }
        return amount.decimalString
    }

    private static func outcome(_ request: TransferRequest) -> TransferBatchAnswer.Outcome {
        switch amount(request) {
        case "999.00": .init(Problem(.insufficientFunds, detail: "No."))
        case "888.00": .init(Problem(.outcomeUnknown, detail: "Lost."))
        default: .init(Transfer(record(request)))
        }
    }

    private static func record(_ request: TransferRequest) -> RecordedTransfer {
        var record = RecordedTransfer(
            id: request.id, kind: request.kind, memo: request.memo,
            createdAt: Timestamp(microseconds: 0))
        if case .transfer(let debit, let credit, let amount) = request.action {
            (record.debit, record.credit, record.amount) = (debit, credit, amount)
        }
        record.debitLeg = .init(version: 2, balanceAfter: 3)
        record.creditLeg = .init(version: 4, balanceAfter: 5)
        return record
    }

    private func lookup(_ body: String) -> FakeBank.Reply {
        guard let ids = try? TransferLookup(body: Array(body.utf8)).ids else {
            return .problem("400 Bad Request", "request_invalid", tier: "bank-server")
        }
        let found = state.withLock { state in ids.compactMap { state.done[$0] } }
        return json(TransferLookupAnswer(ledger: Self.ledger, transfers: found.map(Transfer.init)))
    }

    private func audit() -> FakeBank.Reply {
        let broken = state.withLock { $0.broken }
        return json(
            AuditReport(
                ledger: Self.ledger,
                invariants: [
                    .init(name: "one", counted: 12_345, broken: 0, example: nil),
                    .init(
                        name: "two", counted: 8, broken: broken,
                        example: broken == 0 ? nil : "account \u{1B}[2J17"),
                ]))
    }

    private func json(_ value: some Encodable) -> FakeBank.Reply {
        .json((try? BankJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "")
    }
}

/// A batch bank, and a client of it with a state folder of its own.
struct BatchHome: Sendable {
    static let alice = FakeBank.alice
    static let bob = AccountSamples.number(2)

    let home: WriteTestHome
    let bank: BatchBank
    let server: FakeBank

    static func with<Value>(_ body: (BatchHome) async throws -> Value) async throws -> Value {
        let bank = BatchBank()
        return try await WriteTestHome.with { home in
            try await FakeBank.serving(bank.behave) { server in
                try await body(BatchHome(home: home, bank: bank, server: server))
            }
        }
    }

    func teller(_ arguments: String...) async throws -> TellerProcess {
        try await TellerProcess.run(
            arguments, server: server.url, environment: ["XDG_STATE_HOME": home.state])
    }

    var path: String { "\(home.state)/file" }

    func writeFile(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    /// Writes a file, and does its transfers.
    func transfer(_ text: String, _ arguments: String...) async throws -> TellerProcess {
        try writeFile(text)
        return try await TellerProcess.run(
            ["transfer", "--file", path] + arguments, server: server.url,
            environment: ["XDG_STATE_HOME": home.state])
    }

    /// A file of a line for each amount.
    static func csv(_ amounts: String...) -> String { csv(amounts) }

    static func csv(_ amounts: [String]) -> String {
        "amount,from,to\n" + amounts.map { "\($0),\(alice),\(bob)\n" }.joined()
    }
}
