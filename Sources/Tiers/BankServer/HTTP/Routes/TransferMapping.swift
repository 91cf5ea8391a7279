import BalanceAPI
import Ledger

/// What the ledger keeps of a request, as it is passed on: its kind and its refusal may be ones that
/// only a later program knows.
struct KeptTransfer: Sendable {
    /// All but the two texts.
    let record: RecordedTransfer
    let kind: String
    let refusal: String?

    init(_ record: RecordedTransfer) {
        self.record = record
        kind = record.kind.rawValue
        refusal = record.refusal?.rawValue
    }

    init(_ transfer: Teller_Balance_V1_Transfer) throws(ContractError) {
        var known = transfer
        if TransferKind(rawValue: transfer.kind) == nil {
            known.kind = TransferKind.transfer.rawValue
        }
        let hasRefusal = !transfer.refusal.isEmpty
        if hasRefusal, Refusal(rawValue: transfer.refusal) == nil {
            known.refusal = Refusal.accountUnknown.rawValue
        }
        record = try known.ledgerRecord()
        guard transfer.kind.isCodeName, !hasRefusal || transfer.refusal.isCodeName else {
            throw ContractError("a kind or a refusal that is no name")
        }
        kind = transfer.kind
        refusal = hasRefusal ? transfer.refusal : nil
    }
}
