import ArgumentParser
import BankAPI
import BankClient
import Ledger

/// What a command takes that asks for a transfer.
struct TransferOptions: ParsableArguments {
    static let memoHelp = ArgumentHelp(
        "A note of at most 140 characters, that both sides see.", valueName: "text")

    @Option(help: memoHelp)
    var memo: String?

    @OptionGroup var options: WriteOptions

    func validate() throws {
        _ = try TextArguments.memo(memo)
    }

    /// Asks for it and says what was done.
    func perform(_ action: TransferRequest.Action, at bank: JournaledBank) async throws {
        try await options.perform(action, memo: try TextArguments.memo(memo), at: bank)
    }
}

extension BankOptions {
    /// The bank for a write that needs no more than its ledger's id.
    ///
    /// - Throws: why it was not reached; nothing was sent.
    func journaled() async throws -> JournaledBank {
        try await journaled { _ in }.0
    }

    /// The bank for a write, and something that is read first, at the same time.
    ///
    /// - Throws: why one of them was not reached; nothing was sent.
    func journaled<Value: Sendable>(
        reading read: @escaping @Sendable (BankClient) async throws -> Value
    ) async throws -> (JournaledBank, Value) {
        do {
            let journal = try Journal.standard()
            let (client, session) = try connection(isForWrites: true)
            return try await Interruption.trapping { interruption in
                try await interruption.cancelling(throwing: {
                    async let bank = asking(await client.signedOut.bank())
                    async let user = Self.user(client, session)
                    async let value = read(client)
                    // The bank first: where it is not there, that is what to say.
                    let found = try await bank
                    try session?.check(found, at: client.address)
                    let asker = try await user
                    return (
                        JournaledBank(client: client, journal: journal, bank: found, user: asker),
                        try await value
                    )
                })
            }
        } catch let error as TellerError {
            // Nobody shall wonder whether a write that fails here, or is interrupted, may be done.
            throw error.advising("nothing was sent")
        }
    }

    /// Whose the client's token is: of one that was given, the bank is asked.
    private static func user(
        _ client: BankClient, _ session: KeptSession?
    ) async throws(TellerError) -> String? {
        guard session == nil, client.token != nil else { return session?.user }
        return try await asking(await client.me()).user
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
