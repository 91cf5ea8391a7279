extension TransferRequest {
    /// The record of a request, before its outcome.
    func asked(at now: Timestamp) -> RecordedTransfer {
        var record = RecordedTransfer(
            id: id, kind: kind, requestedBy: asker?.name, memo: memo, createdAt: now)
        switch action {
        case .transfer(let debit, let credit, let amount):
            (record.debit, record.credit, record.amount) = (debit, credit, amount)
        case .deposit(let credit, let amount):
            (record.credit, record.amount) = (credit, amount)
        case .withdrawal(let debit, let amount):
            (record.debit, record.amount) = (debit, amount)
        case .hold(let debit, let credit, let amount, let seconds):
            (record.debit, record.credit, record.amount) = (debit, credit, amount)
            record.holdSeconds = seconds
        case .post(let hold, let amount):
            (record.hold, record.amount) = (hold, amount)
        case .void(let hold):
            record.hold = hold
        case .reversal(let transfer):
            record.reverses = transfer
        }
        return record
    }

    /// Whether the record is of this very request, and not of another under the same id, or of somebody
    /// else: what that came to is nobody else's to know. One without a name is older than people.
    ///
    /// - Parameter wholeHold: The amount of the hold that is to be posted, which is what was asked for
    ///   by a request that names none. A refused record still says that none was named.
    func hasContent(of record: RecordedTransfer, wholeHold: Money?) -> Bool {
        guard record.kind == kind, record.memo == memo,
            record.requestedBy == nil || record.requestedBy == asker?.name
        else { return false }
        switch action {
        case .transfer(let debit, let credit, let amount):
            return record.debit == debit && record.credit == credit && record.amount == amount
        case .deposit(let credit, let amount):
            return record.credit == credit && record.amount == amount
        case .withdrawal(let debit, let amount):
            return record.debit == debit && record.amount == amount
        case .hold(let debit, let credit, let amount, let seconds):
            return record.debit == debit && record.credit == credit && record.amount == amount
                && record.holdSeconds == seconds
        case .post(let hold, let amount):
            let unnamed = record.refusal == nil ? wholeHold : nil
            return record.hold == hold && record.amount == amount ?? unnamed
        case .void(let hold):
            return record.hold == hold
        case .reversal(let transfer):
            return record.reverses == transfer
        }
    }
}
