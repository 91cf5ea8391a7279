public import BankAPI
public import Ledger

extension TransferRequest {
    /// Whether what the bank has is of this request; of a kind that is not known it is not.
    public func isRecorded(as transfer: Transfer) -> Bool {
        transfer.record.map(isRecorded(as:)) ?? false
    }

    /// Whether a record is of this request and of no other: all that the request fixes is as it was
    /// asked. The client's own, so that it shares no mistake with the ledger's rule for repeats.
    public func isRecorded(as record: RecordedTransfer) -> Bool {
        guard id == record.id, kind == record.kind, memo == record.memo else { return false }
        return switch action {
        case .transfer(let debit, let credit, let amount):
            record.debit == debit && record.credit == credit && record.amount == amount
        case .deposit(let credit, let amount):
            record.credit == credit && record.amount == amount
        case .withdrawal(let debit, let amount):
            record.debit == debit && record.amount == amount
        case .hold(let debit, let credit, let amount, let seconds):
            record.debit == debit && record.credit == credit && record.amount == amount
                && record.holdSeconds == seconds
        case .post(let hold, let amount):
            record.hold == hold && (amount == nil || record.amount == amount)
        case .void(let hold): record.hold == hold
        case .reversal(let transfer): record.reverses == transfer
        }
    }
}
