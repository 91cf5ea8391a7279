import Ledger
import Postgres

/// The statements of a posting's transaction. All are planned once for arrays of any length.
enum PostingStatements {}

extension PostingStatements {
    /// The first round trip: the locks, and then all that the decision needs.
    static func opening(_ subjects: PostingSubjects, waits: Bool = true) -> [PostgresQuery] {
        [lock(subjects, waits: waits)] + reading(subjects)
    }

    /// What the decision needs besides the accounts.
    static func reading(_ subjects: PostingSubjects) -> [PostgresQuery] {
        [
            recorded(subjects), usedOtherwise(subjects), holds(subjects),
            CallerSession.live(Array(subjects.sessions)), clock,
        ]
    }

    /// Locks the accounts of a batch in the order of their numbers, as everyone does who locks more
    /// than one, so that no two wait for one another.
    ///
    /// One index probe for each: the array is made first, and the accounts are then read in its order.
    ///
    /// - Parameter waits: Until it has them all; else it leaves out those that another transaction has locked.
    static func lock(_ subjects: PostingSubjects, waits: Bool = true) -> PostgresQuery {
        let accounts = Array(subjects.accounts)
        let currencies = Array(subjects.currencies)
        let transfers = Array(subjects.transfers)
        return """
            SELECT id, bank, currency, kind, closed_at IS NOT NULL, overdraft_limit,
                balance, held, version, changed_at, owner
            FROM teller.accounts
            WHERE id = ANY (ARRAY(
                SELECT unnest(\(accounts))
                UNION ALL
                SELECT id FROM teller.accounts
                WHERE kind = 'cash' AND currency = ANY (\(currencies))
                UNION ALL
                SELECT unnest(ARRAY[debit_account, credit_account]) FROM teller.transfers
                WHERE id = ANY (\(transfers))
            ))
            ORDER BY id FOR NO KEY UPDATE \(raw: waits ? "" : "SKIP LOCKED")
            """
    }

    /// Reads what is kept under the ids of the requests and of what they are about. After the locks:
    /// READ COMMITTED gives each statement a snapshot of its own, which then has what was committed by
    /// those that had the accounts before.
    static func recorded(_ subjects: PostingSubjects) -> PostgresQuery {
        recorded(subjects.requests.union(subjects.transfers))
    }

    /// Reads which ids of the requests were used to open or to close an account.
    static func usedOtherwise(_ subjects: PostingSubjects) -> PostgresQuery {
        let ids = Array(subjects.requests)
        return "SELECT id FROM teller.account_requests WHERE id = ANY (\(ids))"
    }

    /// Reads what is kept under ids, and whether it was reversed.
    static func recorded(_ ids: some Collection<Identifier>) -> PostgresQuery {
        let ids = Array(ids)
        return """
            SELECT transfers.id, transfers.kind, transfers.debit_account, transfers.credit_account,
                transfers.amount, transfers.currency, transfers.memo, transfers.hold,
                transfers.reverses, transfers.hold_seconds, transfers.created_at, transfers.refusal,
                debit.version, debit.balance_after, credit.version, credit.balance_after,
                EXISTS (
                    SELECT FROM teller.transfers AS reversal
                    WHERE reversal.reverses = transfers.id AND reversal.refusal IS NULL
                ),
                transfers.requested_by
            FROM teller.transfers
            LEFT JOIN teller.entries AS debit
                ON debit.transfer_id = transfers.id AND debit.account_id = transfers.debit_account
            LEFT JOIN teller.entries AS credit
                ON credit.transfer_id = transfers.id
                AND credit.account_id = transfers.credit_account
            WHERE transfers.id = ANY (\(ids))
            """
    }

    /// Reads whose the accounts are of what is kept under ids.
    static func owners(_ ids: [Identifier]) -> PostgresQuery {
        """
        SELECT id, owner FROM teller.accounts
        WHERE owner IS NOT NULL AND id IN (
            SELECT unnest(ARRAY[debit_account, credit_account]) FROM teller.transfers
            WHERE id = ANY (\(ids))
        )
        """
    }

    /// Reads the holds that the requests are about, and those that are due of the accounts.
    static func holds(_ subjects: PostingSubjects) -> PostgresQuery {
        let accounts = Array(subjects.accounts)
        guard !subjects.transfers.isEmpty else {
            return """
                SELECT id, debit_account, credit_account, amount, currency, expires_at, state,
                    resolved_by
                FROM teller.holds
                WHERE debit_account = ANY (\(accounts)) AND state = 'pending'
                    AND expires_at <= (SELECT clock_timestamp())
                """
        }
        let transfers = Array(subjects.transfers)
        return """
            SELECT id, debit_account, credit_account, amount, currency, expires_at, state, resolved_by
            FROM teller.holds WHERE id = ANY (\(transfers))
            UNION ALL
            SELECT id, debit_account, credit_account, amount, currency, expires_at, state, resolved_by
            FROM teller.holds
            WHERE debit_account = ANY (ARRAY(
                    SELECT unnest(\(accounts))
                    UNION ALL
                    SELECT unnest(ARRAY[debit_account, credit_account]) FROM teller.transfers
                    WHERE id = ANY (\(transfers))
                ))
                AND state = 'pending' AND expires_at <= (SELECT clock_timestamp())
                AND id <> ALL (\(transfers))
            """
    }

    /// The database's clock: last of all, so that what was found due is due.
    static let clock: PostgresQuery = "SELECT clock_timestamp()"
}
