/// What is in a bank's database but for what says who asked: requests that were refused, the trail, and when
/// sessions were used. A digest of each table, after its rows' number.
enum Books {
    static func read(_ url: String) async throws -> String {
        try await TestPostgres.psql(
            url,
            tables.map { table, rows in
                """
                SELECT '\(table) ' || count(*) || ' '
                    || md5(coalesce(string_agg(rows::text, ' ' ORDER BY rows::text), ''))
                FROM (\(rows)) AS rows
                """
            }.joined(separator: " UNION ALL "))
    }

    private static let tables = [
        ("accounts", "SELECT * FROM teller.accounts"),
        ("entries", "SELECT * FROM teller.entries"),
        ("holds", "SELECT * FROM teller.holds"),
        ("transfers", "SELECT * FROM teller.transfers WHERE refusal IS NULL"),
        ("account_requests", "SELECT * FROM teller.account_requests WHERE refusal IS NULL"),
        ("people", "SELECT * FROM identity.people"),
        ("sessions", "SELECT id, token_hash, person, expires_at, ended_at FROM identity.sessions"),
    ]
}
