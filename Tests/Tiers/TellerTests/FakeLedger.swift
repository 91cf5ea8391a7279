import BankAPI
import Ledger
import Synchronization
import TestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A bank that keeps what it is asked under its id, as a ledger does, and says what a test tells it
/// to in place of an answer.
final class FakeLedger: Sendable {
    /// What goes wrong with a write.
    struct Fault: Sendable {
        /// Whether it is done nevertheless.
        var isApplied: Bool
        var reply: FakeBank.Reply
    }

    private struct State {
        var transfers: [Identifier: Transfer] = [:]
        var requests: [Identifier: TransferRequest] = [:]
        var applied: [Identifier] = []
        var faults: [Fault] = []
        var fault: Fault?
        var refusal: Refusal?
    }

    static let alice = "XB45DEMO0000000017"
    static let bob = AccountSamples.number(2)

    let id: Identifier
    private let state = Mutex(State())

    convenience init(_ low: UInt64 = 7) {
        self.init(id: Identifier(high: 0x0197_0000_0000_7000, low: 1 << 63 | low))
    }

    init(id: Identifier) {
        self.id = id
    }

    /// What was done, each as often as it was.
    var applied: [Identifier] { state.withLock { $0.applied } }

    /// Lets every write go wrong from now on; `nil`: none.
    func fail(_ fault: Fault?) {
        state.withLock { $0.fault = fault }
    }

    /// Lets the next writes go wrong, one after the other.
    func failNext(_ faults: Fault...) {
        state.withLock { $0.faults = faults }
    }

    func refuse(_ refusal: Refusal) {
        state.withLock { $0.refusal = refusal }
    }

    @Sendable func behave(_ request: FakeBank.Request) -> FakeBank.Reply {
        if request.path == BankRoute.bank { return json(Bank(bank: "DEMO", ledger: id)) }
        if request.method == "POST" { return write(request) }
        let words = request.path.split(separator: "/").map(String.init)
        guard let last = words.last, words.count == 3 else { return .reset }
        if words[1] == "accounts", let number = try? AccountNumber(last) {
            return .json(Self.account(number, currency: number.number == 3 ? "JPY" : "USD"))
        }
        guard let id = Identifier(last), let found = state.withLock({ $0.transfers[id] }) else {
            return .problem("404 Not Found", "transfer_unknown", tier: "balance-service")
        }
        return json(found)
    }

    private func write(_ request: FakeBank.Request) -> FakeBank.Reply {
        let fault = state.withLock { state in
            state.faults.isEmpty ? state.fault : state.faults.removeFirst()
        }
        if let fault, !fault.isApplied { return fault.reply }
        let reply =
            switch request.path {
            case BankRoute.transfers: post(request)
            case BankRoute.transferBatch: batch(request)
            default: account(request)
            }
        return fault?.reply ?? reply
    }

    private func post(_ request: FakeBank.Request) -> FakeBank.Reply {
        guard let submission = try? TransferSubmission(body: Array(request.body.utf8)) else {
            return .problem("400 Bad Request", "request_invalid", tier: "bank-server")
        }
        guard submission.ledger == id else {
            return .problem("409 Conflict", "other_ledger", tier: "balance-service")
        }
        return state.withLock { state in
            let request = submission.request
            if let known = state.requests[request.id], known != request {
                return Self.refusal(.idUsedWithOtherContent)
            }
            if let refusal = state.refusal { return Self.refusal(refusal) }
            if state.transfers[request.id] == nil {
                state.applied.append(request.id)
                state.requests[request.id] = request
                state.transfers[request.id] = Transfer(RecordedTransfer.sample(of: request))
            }
            return state.transfers[request.id].map(json) ?? .reset
        }
    }

    /// All or none.
    private func batch(_ request: FakeBank.Request) -> FakeBank.Reply {
        guard let batch = try? TransferBatch(body: Array(request.body.utf8)), batch.atomic else {
            return .problem("400 Bad Request", "request_invalid", tier: "bank-server")
        }
        return state.withLock { state in
            if let refusal = state.refusal {
                let others = batch.transfers.dropFirst().map { _ in Refusal.linkedRefused }
                let problems = (others + [refusal]).map { refusal in
                    Problem(ProblemCode(rawValue: refusal.rawValue), detail: refusal.explanation)
                }
                return json(TransferBatchAnswer(outcomes: problems.map { .init($0) }))
            }
            state.applied += batch.transfers.map(\.id)
            let transfers = batch.transfers.map { Transfer(RecordedTransfer.sample(of: $0)) }
            return json(TransferBatchAnswer(outcomes: transfers.map { .init($0) }))
        }
    }

    /// Opens and closes.
    private func account(_ request: FakeBank.Request) -> FakeBank.Reply {
        let words = request.path.split(separator: "/")
        if words.last == "close", let number = try? AccountNumber(words[2]) {
            return .json(
                Self.account(number, more: #""closed_at":"2026-01-31T09:30:00Z","#))
        }
        guard
            let open = try? BankJSON.decoder().decode(
                OpenAccount.self, from: .init(request.body.utf8)),
            let number = try? AccountNumber(bank: "DEMO", number: 99)
        else { return .problem("400 Bad Request", "request_invalid", tier: "bank-server") }
        state.withLock { $0.applied.append(open.id) }
        return .json(
            Self.account(
                number, name: open.name.description,
                currency: open.overdraftLimit.currency.code,
                more: #""overdraft_limit":"\#(open.overdraftLimit.decimalString)","#))
    }

    private func json(_ value: some Encodable) -> FakeBank.Reply {
        .json((try? BankJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "")
    }

    private static func refusal(_ refusal: Refusal) -> FakeBank.Reply {
        .problem(
            "422 Unprocessable Content", refusal.rawValue, tier: "balance-service",
            detail: refusal.explanation)
    }

    private static func account(
        _ number: AccountNumber, name: String = "Alice", currency: String = "USD",
        more: String = ""
    ) -> String {
        """
        {"account":"\(number)","name":"\(name)","currency":"\(currency)",\(more)\
        "balance":"0","held":"0","version":1,"opened_at":"2024-01-02T03:04:05Z"}
        """
    }
}
