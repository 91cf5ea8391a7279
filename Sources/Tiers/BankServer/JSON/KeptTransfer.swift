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

extension String {
    /// Whether it has the form of a code or kind, known or not: it can stand in JSON and in a sentence.
    var isCodeName: Bool {
        (1...64).contains(utf8.count)
            && utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "_")
            }
    }
}
