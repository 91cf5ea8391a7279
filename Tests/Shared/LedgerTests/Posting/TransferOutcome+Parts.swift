import Ledger

extension TransferOutcome {
    var refusal: Refusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }

    var record: RecordedTransfer? {
        if case .done(let record) = self { record } else { nil }
    }
}
