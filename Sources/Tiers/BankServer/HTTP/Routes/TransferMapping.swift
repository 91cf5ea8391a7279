import BalanceAPI
import BankAPI
import Ledger

extension Transfer {
    /// What the ledger keeps, passed on: its kind and its refusal may be ones that only a later program
    /// knows.
    ///
    /// - Throws: When a value is not one of the contract's.
    init(_ transfer: Teller_Balance_V1_Transfer) throws(ContractError) {
        var known = transfer
        if TransferKind(rawValue: transfer.kind) == nil {
            known.kind = TransferKind.transfer.rawValue
        }
        known.refusal = ""
        let refusal = transfer.refusal.isEmpty ? nil : transfer.refusal
        guard transfer.kind.isCodeName, refusal?.isCodeName != false else {
            throw ContractError("a kind or a refusal that is no name")
        }
        self.init(try known.ledgerRecord(), kind: transfer.kind, refusal: refusal)
    }
}
