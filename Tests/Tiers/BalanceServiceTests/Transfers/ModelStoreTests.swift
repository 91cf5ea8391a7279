import Chain
import Ledger
import Postgres
import TestSupport
import Testing

@testable import BalanceService
@testable import LedgerTestSupport

extension ServiceTests {
    /// What is tried on the model is so for PostgreSQL as well.
    @Suite(.timeLimit(.minutes(2)))
    struct ModelStoreTests {
        @Test func theModelDoesAsPostgreSQL() async throws {
            try await TestPostgres.withFreshDatabase("model") { url in
                try await migrate(url)
                try await TestPostgres.psql(
                    url,
                    """
                    INSERT INTO teller.accounts (id, bank, kind, name, currency, overdraft_limit)
                    VALUES (1, 'DEMO', 'cash', 'Cash', 'USD', NULL),
                        (2, 'DEMO', 'cash', 'Cash', 'EUR', NULL);
                    INSERT INTO teller.accounts (id, bank, name, currency, overdraft_limit, owner)
                    SELECT id, 'DEMO', 'Customer', 'USD', 40,
                        CASE id % 2 WHEN 0 THEN 'alice' END
                    FROM generate_series(11, 15) AS id
                    """)
                let pool = try PostgresPool(
                    configuration: PostgresConfiguration(connectionString: url), size: 1,
                    logger: .silent)
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { await pool.run() }
                    defer { pool.shutDown() }
                    try await compare(
                        PostingStore(
                            pool: pool, ledger: LedgerIdentityReader(pool: pool, bank: "DEMO")))
                }
                #expect(try await brokenInvariants(url) == [])
            }
        }

        private func compare(_ store: PostingStore) async throws {
            let seed = try #require(SeededGenerator.seeds(1).first)
            var generator = BatchGenerator(seed: seed)
            let start = BookKeeper.postingBank(customers: 11...15, limit: 40)
            var model = ModelStore(start)
            for round in 1...200 {
                let deadline = Deadline.after(.seconds(60))
                // Whoever names accounts of other banks does not come this far.
                let groups = (0..<generator.number(1...6))
                    .map { _ in generator.group().filter { !$0.isOfAnotherBank }.map(\.lasting) }
                    .filter { !$0.isEmpty }
                    .map { PostingGroup(transfers: $0, deadline: deadline, session: nil) }
                let batch = PostingBatch(groups: groups)
                let outcomes = try await store.post(batch, deadline: deadline)
                let expected = model.post(batch, at: .now, clock: Int64(round))
                try #require(
                    outcomes.timeless == expected.timeless,
                    "TELLER_SEED=\(seed), batch \(round): \(groups.map(\.transfers))")
            }
            #expect(model.books.problems(since: start) == [])
        }
    }
}

extension TransferRequest {
    fileprivate var isOfAnotherBank: Bool { namedAccounts.contains { $0.bank != "DEMO" } }

    /// A hold that does not expire while the test runs: the two clocks are not the same.
    fileprivate var lasting: TransferRequest {
        guard case .hold(let debit, let credit, let amount, let seconds) = action else {
            return self
        }
        var request = self
        request.action = .hold(
            debit: debit, credit: credit, amount: amount, seconds: 3600 + seconds)
        return request
    }
}

extension [PostedGroup] {
    /// Without the time, which each has from its own clock.
    fileprivate var timeless: [PostedGroup] {
        map { group in
            guard case .outcomes(let outcomes) = group else { return group }
            return .outcomes(
                outcomes.map { outcome in
                    guard case .done(var record) = outcome else { return outcome }
                    record.createdAt = Timestamp(microseconds: 0)
                    return .done(record)
                })
        }
    }
}
