import BankAPI
import Ledger

extension BankOptions {
    /// The bank for a write that needs no more than its ledger's id.
    ///
    /// - Throws: why it was not reached; nothing was sent.
    func journaled() async throws -> JournaledBank {
        try await beforeSending {
            let journal = try Journal.standard()
            let client = try client()
            let bank = try await client.bank()
            return JournaledBank(client: client, journal: journal, ledger: bank.ledger)
        }
    }

    /// The bank for a write, and something that is read first, at the same time.
    func journaled<Value: Sendable>(
        reading read: @escaping @Sendable (BankClient) async throws -> Value
    ) async throws -> (JournaledBank, Value) {
        try await beforeSending {
            let journal = try Journal.standard()
            let client = try client()
            async let bank = client.bank()
            async let value = read(client)
            // The bank first: where it is not there, that is what to say.
            let ledger = try await bank.ledger
            return (
                JournaledBank(client: client, journal: journal, ledger: ledger),
                try await value
            )
        }
    }

    /// Nobody shall wonder whether a write that fails here may be done.
    private func beforeSending<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch var error as TellerError {
            error.advise("nothing was sent")
            throw error
        }
    }

    /// The bank, and the amount in the currency of an account of it.
    func journaled(
        _ amount: AmountArgument, inTheCurrencyOf account: AccountNumber
    ) async throws -> (JournaledBank, Money) {
        let (bank, found) = try await journaled { try await $0.account(account) }
        return (bank, try amount.money(in: found.balance.currency))
    }
}
