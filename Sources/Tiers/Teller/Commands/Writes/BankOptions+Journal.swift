import BankAPI
import BankClient
import Ledger

extension BankOptions {
    /// The bank for a write that needs no more than its ledger's id.
    ///
    /// - Throws: why it was not reached; nothing was sent.
    func journaled() async throws -> JournaledBank {
        try await beforeSending { client, journal in
            JournaledBank(
                client: client, journal: journal, bank: try await asking(await client.bank()))
        }
    }

    /// The bank for a write, and something that is read first, at the same time.
    func journaled<Value: Sendable>(
        reading read: @escaping @Sendable (BankClient) async throws -> Value
    ) async throws -> (JournaledBank, Value) {
        try await beforeSending { client, journal in
            async let bank = asking(await client.bank())
            async let value = read(client)
            // The bank first: where it is not there, that is what to say.
            let journaled = JournaledBank(client: client, journal: journal, bank: try await bank)
            return (journaled, try await value)
        }
    }

    /// Nobody shall wonder whether a write that fails here, or is interrupted, may be done.
    private func beforeSending<Value: Sendable>(
        _ work: @escaping @Sendable (BankClient, Journal) async throws -> Value
    ) async throws -> Value {
        do {
            let journal = try Journal.standard()
            let client = try client(isForWrites: true)
            return try await Interruption.trapping { interruption in
                try await interruption.cancelling(throwing: { try await work(client, journal) })
            }
        } catch var error as TellerError {
            error.advise("nothing was sent")
            throw error
        }
    }

    /// The bank, and the amount in the currency of an account of it.
    func journaled(
        _ amount: AmountArgument, inTheCurrencyOf account: AccountNumber
    ) async throws -> (JournaledBank, Money) {
        let (bank, found) = try await journaled { client in
            do throws(TellerError) {
                return try await asking(await client.account(account))
            } catch {
                throw error.status == .noUser ? error.about(account.grouped) : error
            }
        }
        return (bank, try amount.money(in: found.balance.currency))
    }
}
