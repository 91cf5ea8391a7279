import BankAPI
import Ledger

extension BankClient {
    /// Reads which bank this is, and which ledger is its.
    func bank() async throws(TellerError) -> Bank {
        try await get(BankRoute.bank, as: Bank.self).value
    }

    /// Reads one account.
    func account(_ number: AccountNumber) async throws(TellerError) -> Account {
        let account = try await get(BankRoute.account(number), as: Account.self).value
        guard account.account == number else {
            throw reader.notABank("it is about another account")
        }
        return account
    }

    /// Reads what the ledger keeps under an id.
    func transfer(_ id: Identifier) async throws(TellerError) -> ReceivedTransfer {
        let transfer = try await get(BankRoute.transfer(id), as: ReceivedTransfer.self).value
        guard transfer.id == id else {
            throw reader.notABank("it is about another transfer")
        }
        return transfer
    }
}
