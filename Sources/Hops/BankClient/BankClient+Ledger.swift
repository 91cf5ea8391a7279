public import BankAPI
public import Ledger

extension BankClient {
    /// Reads which bank this is, and which ledger is its.
    public func bank() async throws(BankClientError) -> Bank {
        try await get(BankRoute.bank, as: Bank.self).value
    }

    /// Reads one account.
    public func account(_ number: AccountNumber) async throws(BankClientError) -> Account {
        let account = try await get(BankRoute.account(number), as: Account.self).value
        guard account.account == number else {
            throw notABank("it is about another account")
        }
        return account
    }

    /// Reads what the ledger keeps under an id.
    public func transfer(_ id: Identifier) async throws(BankClientError) -> Transfer {
        let transfer = try await get(BankRoute.transfer(id), as: Transfer.self).value
        guard transfer.id == id else {
            throw notABank("it is about another transfer")
        }
        return transfer
    }
}
