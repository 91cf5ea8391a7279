import Ledger
import Postgres

extension PostingStatements {
    /// Locks the accounts that groups need, but for those that another transaction has locked, and lists
    /// these: in each row the group's place, the account and whether it is a cash account. It waits for
    /// nobody, so their order does not matter.
    static func lockFree(_ groups: [PostingGroup]) -> PostgresQuery {
        let requests = groups.enumerated().flatMap { place, group in
            group.transfers.map { (place: Int64(place), request: $0) }
        }
        let named = requests.flatMap { place, request in
            request.namedAccounts.map { (place: place, id: $0.number) }
        }
        let cash = requests.compactMap { place, request in
            request.cashCurrency.map { (place: place, currency: $0.code) }
        }
        let subjects = requests.compactMap { place, request in
            request.subject.map { (place: place, id: $0) }
        }
        return """
            WITH wanted AS (
                SELECT place, id FROM unnest(\(named.map { $0.place }), \(named.map { $0.id }))
                    AS named (place, id)
                UNION
                SELECT place, accounts.id
                FROM unnest(\(cash.map { $0.place }), \(cash.map { $0.currency }))
                    AS cash (place, currency)
                JOIN teller.accounts ON kind = 'cash' AND accounts.currency = cash.currency
                UNION
                SELECT place, unnest(ARRAY[debit_account, credit_account])
                FROM unnest(\(subjects.map { $0.place }), \(subjects.map { $0.id }))
                    AS subject (place, transfer)
                JOIN teller.transfers ON transfers.id = transfer
            ), free AS (
                SELECT id FROM teller.accounts WHERE id = ANY (ARRAY(SELECT id FROM wanted))
                FOR NO KEY UPDATE SKIP LOCKED
            )
            SELECT place, id, kind = 'cash' FROM wanted JOIN teller.accounts USING (id)
            WHERE id NOT IN (SELECT id FROM free)
            """
    }
}
