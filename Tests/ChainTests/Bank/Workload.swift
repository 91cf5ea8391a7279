import Foundation
import Ledger
import Synchronization
import TestSupport

/// The holds and transfers that were made, for others to post, void and reverse, also twice.
final class Subjects: Sendable {
    private struct State {
        var holds: [RecordedTransfer] = []
        var transfers: [Identifier] = []
    }

    private let state = Mutex(State())

    func add(_ record: RecordedTransfer) {
        state.withLock { state in
            if record.kind == .hold {
                state.holds = state.holds.suffix(15) + [record]
            } else if record.kind.movesMoney {
                state.transfers = state.transfers.suffix(15) + [record.id]
            }
        }
    }

    func hold(using random: inout SeededGenerator) -> RecordedTransfer? {
        state.withLock { $0.holds }.randomElement(using: &random)
    }

    func transfer(using random: inout SeededGenerator) -> Identifier? {
        state.withLock { $0.transfers }.randomElement(using: &random)
    }
}

/// Random requests among a few accounts, so that they often meet.
struct Workload {
    static let currency = Currency(code: "USD")

    var random: SeededGenerator
    let accounts: [AccountNumber]
    let currency: Currency
    let subjects: Subjects

    mutating func next() -> Submission {
        guard random.chance(10) else { return Submission(requests: [request()]) }
        let count = Int.random(in: 2...5, using: &random)
        return Submission(
            requests: (0..<count).map { _ in request() }, isBatch: true,
            isAtomic: random.chance(60))
    }

    mutating func identifier() -> Identifier {
        let milliseconds = UInt64(max(0, Date().timeIntervalSince1970 * 1000))
        return .version7(milliseconds: milliseconds, using: &random)
    }

    mutating func request() -> TransferRequest {
        let memo = random.chance(30) ? try? ShortText("No. \(random.next() % 1000)") : nil
        return TransferRequest(id: identifier(), action: action(), memo: memo)
    }

    mutating func deposit(_ minorUnits: Int64, to account: AccountNumber) -> TransferRequest {
        TransferRequest(
            id: identifier(),
            action: .deposit(
                credit: account, amount: Money(minorUnits: minorUnits, currency: currency)))
    }

    private mutating func amount(_ range: ClosedRange<Int64>) -> Money {
        Money(minorUnits: Int64.random(in: range, using: &random), currency: currency)
    }

    private mutating func pair() -> (debit: AccountNumber, credit: AccountNumber) {
        let debit = accounts[Int.random(in: accounts.indices, using: &random)]
        let step = Int.random(in: 1..<accounts.count, using: &random)
        let credit = accounts[((accounts.firstIndex(of: debit) ?? 0) + step) % accounts.count]
        // Now and then the same one, which is refused.
        return (debit, random.chance(1) ? debit : credit)
    }

    private mutating func action() -> TransferRequest.Action {
        let (debit, credit) = pair()
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<5: return .deposit(credit: credit, amount: amount(1...500))
        case 5..<10: return .withdrawal(debit: debit, amount: amount(1...500))
        case 10..<18:
            // Some expire soon, and all in time: else no money would be left to move.
            return .hold(
                debit: debit, credit: credit, amount: amount(1...1500),
                seconds: Int64.random(in: random.chance(40) ? 1...3 : 20...60, using: &random))
        case 18..<26:
            guard let hold = subjects.hold(using: &random) else { break }
            if random.chance(30) { return .void(hold: hold.id) }
            let part = random.chance(30) ? hold.amount.map { amount(1...$0.minorUnits) } : nil
            return .post(hold: hold.id, amount: part)
        case 26..<31:
            guard let transfer = subjects.transfer(using: &random) else { break }
            return .reversal(of: transfer)
        default: break
        }
        return .transfer(debit: debit, credit: credit, amount: amount(1...3000))
    }
}
