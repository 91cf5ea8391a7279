import BalanceAPI
import Chain
import Ledger
import Postgres

/// Opens accounts, once for each id.
struct AccountOpening: Sendable {
    /// Any number that nobody else uses: "bank" in ASCII.
    private static let firstAccountLock: Int64 = 0x6261_6e6b

    let transaction: RepeatableTransaction
    /// The four letters of the bank, while there are no accounts that have them.
    let bank: String

    /// - Parameter request: To open an account.
    /// - Throws: ``RepeatableTransaction/OutcomeUnknown``; any other error: nothing was done.
    func open(
        _ name: ShortText, _ currency: Currency, overdraftLimit: Int64, for request: AccountRequest,
        deadline: Deadline
    ) async throws -> AccountOutcome {
        try await transaction.run(deadline: deadline) { connection in
            let state = try await AccountRequestState(
                of: request, bank: bank, on: connection, deadline: deadline)
            if let settled = state.settled { return settled }
            let refusal = Refusal(openingNamed: name, overdraftLimit: overdraftLimit)
            let number = try await keepRequest(
                request.id, name, currency, overdraftLimit, refusal, on: connection,
                deadline: deadline)
            if let refusal { return .refused(refusal) }
            let bank = try await bank(of: state.identity, on: connection, deadline: deadline)
            let results = try await connection.pipeline(
                [
                    Self.addCash(of: currency, bank: bank), Self.hasCash(of: currency),
                    Self.addAccount(number, bank: bank, name, currency, overdraftLimit),
                ], deadline: deadline.instant)
            guard try results[1].first?.decode(Bool.self, at: 0) == true, let row = results[2].first
            else {
                throw RepeatableTransaction.LostRace(
                    description: "teller.account_numbers gives numbers that accounts have already")
            }
            return .account(try AccountRow(row))
        }
    }

    /// Keeps the request with the next number, also a refused one. A second request with the id waits here for
    /// the first, and then finds its outcome.
    private func keepRequest(
        _ id: Identifier, _ name: ShortText, _ currency: Currency, _ limit: Int64,
        _ refusal: Refusal?, on connection: PostgresConnection, deadline: Deadline
    ) async throws -> Int64 {
        let rows = try await connection.query(
            """
            INSERT INTO teller.account_requests
                (id, kind, account_id, name, currency, overdraft_limit, refusal)
            VALUES (
                \(id), 'open', nextval('teller.account_numbers'),
                \(name.description), \(currency.code), \(limit),
                \(refusal?.rawValue)
            )
            ON CONFLICT (id) DO NOTHING RETURNING account_id
            """, deadline: deadline.instant)
        guard let row = rows.first else {
            throw RepeatableTransaction.LostRace(description: "the id was used at the same time")
        }
        return try row.decode(Int64.self, at: 0)
    }

    /// The bank that keeps the accounts there are. The first accounts of a database are opened one after
    /// another, or services that were set up differently could make two banks of it. An advisory lock,
    /// as there is no row yet that this role may lock: it may not change teller.ledger.
    private func bank(
        of identity: LedgerIdentity, on connection: PostgresConnection, deadline: Deadline
    ) async throws -> String {
        if identity.hasAccounts { return identity.bank }
        _ = try await connection.query(
            "SELECT pg_advisory_xact_lock(\(Self.firstAccountLock))::text",
            deadline: deadline.instant)
        let rows = try await connection.query(LedgerIdentity.query, deadline: deadline.instant)
        return try LedgerIdentity(rows, bank: bank).bank
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
        _ number: Int64, bank: String, _ name: ShortText, _ currency: Currency, _ limit: Int64
    ) -> PostgresQuery {
        """
        INSERT INTO teller.accounts (id, bank, kind, name, currency, overdraft_limit)
        VALUES (
            \(number), \(bank), 'customer', \(name.description), \(currency.code), \(limit)
        )
        ON CONFLICT DO NOTHING
        RETURNING id, bank, name, currency, balance, held, overdraft_limit, version, opened_at,
            closed_at
        """
    }
}
