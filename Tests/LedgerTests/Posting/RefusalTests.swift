import Ledger
import Testing

@Suite struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let action: TransferRequest.Action
        let refusal: Refusal?
        var testDescription: String { "\(action) → \(refusal?.rawValue ?? "done")" }

        init(_ action: TransferRequest.Action, _ refusal: Refusal?) {
            self.action = action
            self.refusal = refusal
        }
    }

    private static let (alice, bob, euro) = (Sample.alice, Sample.bob, Sample.euro)
    private static let (closed, overdrawn) = (Sample.closed, Sample.overdrawn)
    private static let (unknown, cash) = (Sample.unknown, Sample.cash)
    private static let euros = Money(minorUnits: 1, currency: .eur)
    private static let yen = Money(minorUnits: 1, currency: .jpy)

    private static let moves: [Case] = [
        Case(.transfer(debit: alice, credit: bob, amount: usd(1000)), nil),
        Case(.transfer(debit: alice, credit: bob, amount: usd(1001)), .insufficientFunds),
        Case(.transfer(debit: alice, credit: bob, amount: usd(.max)), .insufficientFunds),
        Case(.transfer(debit: alice, credit: bob, amount: usd(0)), .amountNotPositive),
        Case(.transfer(debit: alice, credit: bob, amount: usd(-1)), .amountNotPositive),
        Case(.transfer(debit: alice, credit: bob, amount: usd(.min)), .amountNotPositive),
        Case(.transfer(debit: alice, credit: alice, amount: usd(1)), .sameAccount),
        Case(.transfer(debit: unknown, credit: unknown, amount: usd(1)), .sameAccount),
        Case(.transfer(debit: alice, credit: unknown, amount: usd(1)), .accountUnknown),
        Case(.transfer(debit: unknown, credit: bob, amount: usd(1)), .accountUnknown),
        Case(.transfer(debit: alice, credit: Sample.elsewhere, amount: usd(1)), .accountUnknown),
        Case(.transfer(debit: alice, credit: closed, amount: usd(1)), .accountClosed),
        Case(.transfer(debit: closed, credit: euro, amount: usd(1)), .accountClosed),
        Case(.transfer(debit: alice, credit: euro, amount: usd(1)), .currencyMismatch),
        Case(.transfer(debit: euro, credit: bob, amount: usd(1)), .currencyMismatch),
        Case(.transfer(debit: alice, credit: bob, amount: euros), .currencyMismatch),
        Case(.transfer(debit: overdrawn, credit: bob, amount: usd(100)), nil),
        Case(.transfer(debit: overdrawn, credit: bob, amount: usd(101)), .insufficientFunds),
    ]

    private static let cashMoves: [Case] = [
        Case(.deposit(credit: bob, amount: usd(1)), nil),
        Case(.deposit(credit: bob, amount: usd(0)), .amountNotPositive),
        Case(.deposit(credit: unknown, amount: usd(1)), .accountUnknown),
        Case(.deposit(credit: bob, amount: yen), .currencyMismatch),
        Case(.deposit(credit: euro, amount: usd(1)), .currencyMismatch),
        // The bank of the tests has no cash account of euros.
        Case(.deposit(credit: euro, amount: euros), .accountUnknown),
        Case(.deposit(credit: closed, amount: usd(1)), .accountClosed),
        Case(.deposit(credit: cash, amount: usd(1)), .sameAccount),
        Case(.deposit(credit: bob, amount: usd(.max)), .amountTooLarge),
        Case(.withdrawal(debit: bob, amount: usd(50)), nil),
        Case(.withdrawal(debit: bob, amount: usd(51)), .insufficientFunds),
        Case(.withdrawal(debit: bob, amount: usd(-1)), .amountNotPositive),
        Case(.withdrawal(debit: cash, amount: usd(1)), .sameAccount),
        Case(.withdrawal(debit: euro, amount: usd(1)), .currencyMismatch),
        Case(.withdrawal(debit: closed, amount: usd(1)), .accountClosed),
    ]

    private static let others: [Case] = [
        Case(.hold(debit: alice, credit: bob, amount: usd(1000), seconds: 1), nil),
        Case(
            .hold(debit: alice, credit: bob, amount: usd(1001), seconds: 1), .insufficientFunds),
        Case(.hold(debit: alice, credit: bob, amount: usd(0), seconds: 1), .amountNotPositive),
        Case(.hold(debit: alice, credit: closed, amount: usd(1), seconds: 1), .accountClosed),
        Case(.hold(debit: alice, credit: alice, amount: usd(1), seconds: 1), .sameAccount),
        Case(.hold(debit: alice, credit: euro, amount: usd(1), seconds: 1), .currencyMismatch),
        Case(.hold(debit: unknown, credit: bob, amount: usd(1), seconds: 1), .accountUnknown),
        Case(.post(hold: id(77), amount: nil), .holdUnknown),
        Case(.void(hold: id(77)), .holdUnknown),
        Case(.reversal(of: id(77)), .transferUnknown),
        Case(.reversal(of: id(1)), .transferUnknown),
    ]

    @Test(arguments: moves + cashMoves + others)
    func `is done, or refused and kept as it was asked`(sample: Case) throws {
        let memo = try ShortText("rent")
        let request = TransferRequest(id: id(1), action: sample.action, memo: memo)
        let before = Sample.bank
        var posting = before.posting(at: 7)

        let outcome = try #require(posting.apply([request]).first)

        #expect(outcome.refusal == sample.refusal)
        let record = try #require(posting.changes.transfers.first)
        #expect(record.id == id(1) && record.memo == memo && record.kind == request.kind)
        #expect(record.createdAt == Timestamp(microseconds: 7))
        guard let refusal = sample.refusal else { return }
        #expect(record == asked(request, refusal: refusal, at: 7))
        #expect(posting.changes.accounts.isEmpty && posting.changes.entries.isEmpty)
        #expect(posting.changes.newHolds.isEmpty && posting.changes.resolvedHolds.isEmpty)
    }

    private func asked(
        _ request: TransferRequest, refusal: Refusal, at time: Int64
    ) -> RecordedTransfer {
        var record = RecordedTransfer(
            id: request.id, kind: request.kind, memo: request.memo,
            createdAt: Timestamp(microseconds: time), refusal: refusal)
        switch request.action {
        case .transfer(let debit, let credit, let amount):
            (record.debit, record.credit, record.amount) = (debit, credit, amount)
        case .hold(let debit, let credit, let amount, let seconds):
            (record.debit, record.credit, record.amount) = (debit, credit, amount)
            record.holdSeconds = seconds
        case .deposit(let credit, let amount): (record.credit, record.amount) = (credit, amount)
        case .withdrawal(let debit, let amount): (record.debit, record.amount) = (debit, amount)
        case .post(let hold, let amount): (record.hold, record.amount) = (hold, amount)
        case .void(let hold): record.hold = hold
        case .reversal(let subject): record.reverses = subject
        }
        return record
    }
}
