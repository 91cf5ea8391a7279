import Ledger
import Testing

@testable import LedgerTestSupport

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
        Case(.transfer(debit: alice, credit: bob, amount: usd(.max)), .amountTooLarge),
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

    /// Cash is not a customer's: only a deposit takes from it, only a withdrawal gives to it.
    private static let onCash: [Case] = [
        Case(.transfer(debit: cash, credit: bob, amount: usd(1)), .accountIsCash),
        Case(.transfer(debit: bob, credit: cash, amount: usd(1)), .accountIsCash),
        Case(.transfer(debit: cash, credit: euro, amount: usd(1)), .accountIsCash),
        Case(.transfer(debit: cash, credit: closed, amount: usd(1)), .accountIsCash),
        Case(.transfer(debit: cash, credit: unknown, amount: usd(1)), .accountUnknown),
        Case(.hold(debit: cash, credit: bob, amount: usd(1), seconds: 1), .accountIsCash),
        Case(.hold(debit: bob, credit: cash, amount: usd(1), seconds: 1), .accountIsCash),
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

    @Test(arguments: moves + cashMoves + onCash + others)
    func `is done, or refused and kept as requested`(sample: Case) throws {
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

    /// Such as a ledger may have from before it was refused.
    @Test func `a hold on cash is not posted, and can be voided`() {
        for (debit, credit) in [(Self.cash, Self.bob), (Self.alice, Self.cash)] {
            var bank = Sample.bank
            bank.holds[id(9)] = Hold(
                id: id(9), debit: debit, credit: credit, amount: usd(10),
                expiresAt: Timestamp(microseconds: 10))
            #expect(
                bank.ask(request(1, .post(hold: id(9), amount: nil))).first?.refusal
                    == .accountIsCash)
            #expect(bank.holds[id(9)]?.state == .pending)
            #expect(bank.ask(request(2, .void(hold: id(9)))).first?.refusal == nil)
        }
    }

    @Test func `what was done with cash can be reversed`() {
        var bank = Sample.bank
        let asked: [TransferRequest.Action] = [
            .deposit(credit: Self.bob, amount: usd(5)),
            .withdrawal(debit: Self.bob, amount: usd(5)),
            .reversal(of: id(1)), .reversal(of: id(2)), .reversal(of: id(9)),
        ]
        bank.records[id(9)] = RecordedTransfer(
            id: id(9), kind: .transfer, debit: Self.cash, credit: Self.alice, amount: usd(7),
            createdAt: Timestamp(microseconds: 0))
        for (number, action) in asked.enumerated() {
            #expect(bank.ask(request(UInt64(number + 1), action)).first?.refusal == nil)
        }
        #expect(bank[Self.cash]?.balance == -1043)
    }

    @Test(arguments: [UInt64.min, .max])
    func `zeros and ones are no id, and nothing is kept under them`(word: UInt64) {
        var bank = Sample.bank
        let reserved = Identifier(high: word, low: word)
        let action = transfer(1, 1).action
        let asked = TransferRequest(id: reserved, action: action)
        #expect(bank.ask(asked).first?.refusal == .idInvalid)
        #expect(
            bank.ask(transfer(1, 1), asked).map(\.refusal) == [.linkedRefused, .idInvalid])
        #expect(bank.records[reserved] == nil && bank.records[id(1)]?.refusal == .linkedRefused)
        // Where one was kept before, it is still found.
        bank.records[reserved] = RecordedTransfer(
            id: reserved, kind: .transfer, debit: Self.alice, credit: Self.bob, amount: usd(1),
            createdAt: Timestamp(microseconds: 0))
        #expect(bank.ask(asked).first?.record?.id == reserved)
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
