public import Ledger

extension RecordedTransfer {
    /// The record of a request that was done, with made-up balances.
    public static func sample(of request: TransferRequest) -> RecordedTransfer {
        var record = RecordedTransfer(
            id: request.id, kind: request.kind, memo: request.memo,
            createdAt: Timestamp("2026-01-31T09:30:00Z") ?? Timestamp(microseconds: 0))
        let cash = try? AccountNumber(bank: "DEMO", number: 0)
        (record.debit, record.credit) = (
            try? AccountNumber(bank: "DEMO", number: 17),
            try? AccountNumber(bank: "DEMO", number: 2)
        )
        record.amount = Money(minorUnits: 2500, currency: .usd)
        switch request.action {
        case .transfer(let debit, let credit, let amount):
            (record.debit, record.credit, record.amount) = (debit, credit, amount)
        case .deposit(let credit, let amount):
            (record.debit, record.credit, record.amount) = (cash, credit, amount)
        case .withdrawal(let debit, let amount):
            (record.debit, record.credit, record.amount) = (debit, cash, amount)
        case .hold(let debit, let credit, let amount, let seconds):
            (record.debit, record.credit, record.amount) = (debit, credit, amount)
            record.holdSeconds = seconds
        case .post(let hold, let amount):
            record.hold = hold
            record.amount = amount ?? record.amount
        case .void(let hold): record.hold = hold
        case .reversal(let transfer): record.reverses = transfer
        }
        if request.kind.movesMoney {
            record.debitLeg = .init(version: 4, balanceAfter: 120_956)
            record.creditLeg = .init(version: 19, balanceAfter: 2500)
        }
        return record
    }
}
