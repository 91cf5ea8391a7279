import Ledger
import Postgres

extension AccountWriter {
    /// Any number that nobody else uses: "bank" in ASCII.
    private static let firstAccountLock: Int64 = 0x6261_6e6b

    func open(
        _ wanted: NewAccount, for id: Identifier, by asker: UserName?, at ledger: LedgerIdentity,
        _ transaction: BoundTransaction
    ) async throws -> AccountOutcome {
        let refusal = try await refusal(toOpen: wanted, transaction)
        // The next number goes to a refused one, too.
        let kept = try await keep(
            """
            INSERT INTO teller.account_requests
                (id, kind, account_id, name, currency, overdraft_limit, refusal, owner,
                requested_by)
            VALUES (
                \(id), 'open', nextval('teller.account_numbers'),
                \(wanted.name.description), \(wanted.currency.code), \(wanted.limit),
                \(refusal?.rawValue), \(wanted.owner), \(asker)
            )
            ON CONFLICT (id) DO NOTHING RETURNING account_id
            """, transaction)
        if let refusal { return .refused(refusal) }
        let number: Int64 = try kept.decode(at: 0)
        let bank = try await bank(of: ledger, transaction)
        let results = try await transaction.pipeline([
            Self.addCash(of: wanted.currency, bank: bank), Self.hasCash(of: wanted.currency),
            Self.addAccount(number, bank: bank, wanted),
        ])
        guard try results[1].first?.decode(Bool.self, at: 0) == true, let row = results[2].first
        else {
            throw RepeatableTransaction.LostRace(
                description: "teller.account_numbers gives numbers that accounts have already")
        }
        return .account(try AccountRow(row))
    }

    private func refusal(
        toOpen wanted: NewAccount, _ transaction: BoundTransaction
    ) async throws -> Refusal? {
        if let refusal = Refusal(openingNamed: wanted.name, overdraftLimit: wanted.limit) {
            return refusal
        }
        guard let owner = wanted.owner else { return nil }
        let found = try await transaction.query(
            "SELECT EXISTS (SELECT FROM identity.people WHERE name = \(owner))")
        return try found.first?.decode(Bool.self, at: 0) == true ? nil : .ownerUnknown
    }

    /// The bank that keeps the accounts there are. The first accounts of a database are opened one after
    /// another, or services that were set up differently could make two banks of it. An advisory lock,
    /// as there is no row yet that this role may lock: it may not change teller.ledger.
    private func bank(
        of ledger: LedgerIdentity, _ transaction: BoundTransaction
    ) async throws -> String {
        if ledger.hasAccounts { return ledger.bank }
        _ = try await transaction.query(
            "SELECT pg_advisory_xact_lock(\(Self.firstAccountLock))::text")
        return try LedgerIdentity(await transaction.query(LedgerIdentity.query), bank: bank).bank
    }

    /// The bank's cash account of a currency, when it is not there.
    private static func addCash(of currency: Currency, bank: String) -> PostgresQuery {
        """
        INSERT INTO teller.accounts (id, bank, kind, name, currency, overdraft_limit)
        SELECT
            nextval('teller.account_numbers'), \(bank), 'cash', 'Cash, ' || \(currency.code),
            \(currency.code), NULL
        WHERE NOT EXISTS (
            SELECT FROM teller.accounts WHERE kind = 'cash' AND currency = \(currency.code)
        )
        ON CONFLICT DO NOTHING
        """
    }

    private static func hasCash(of currency: Currency) -> PostgresQuery {
        """
        SELECT EXISTS (
            SELECT FROM teller.accounts WHERE kind = 'cash' AND currency = \(currency.code)
        )
        """
    }

    private static func addAccount(
        _ number: Int64, bank: String, _ wanted: NewAccount
    ) -> PostgresQuery {
        """
        INSERT INTO teller.accounts (id, bank, kind, name, currency, overdraft_limit, owner)
        VALUES (
            \(number), \(bank), 'customer', \(wanted.name.description),
            \(wanted.currency.code), \(wanted.limit), \(wanted.owner)
        )
        ON CONFLICT DO NOTHING
        RETURNING \(raw: AccountRow.columns)
        """
    }
}
