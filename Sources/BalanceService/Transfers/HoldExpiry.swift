import Chain
import Ledger
import Logging
import Postgres
import ServiceLifecycle

/// Frees the money of holds that are due, though nobody asks, by the database's clock.
///
/// A posting sees to the due holds of the accounts that it locks; this one is for the others.
struct HoldExpiry: Service {
    /// Between two looks: how long money may stay held past its time.
    static let interval = Duration.seconds(1)
    /// For a look and for a batch of holds.
    static let patience = Duration.seconds(5)
    /// Holds to free in one transaction.
    static let batch = 500

    let pool: PostgresPool
    let transactions: any PostingTransactions
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    while try await expire() == Self.batch {}
                } catch {
                    // The next look does it; that the database is away is said elsewhere.
                    logger.debug(
                        "holds not expired",
                        metadata: ["cause": .string(String(reflecting: error))])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// - Returns: How many of the holds that are due were found, at most a batch.
    private func expire() async throws -> Int {
        let rows = try await pool.query(
            """
            SELECT debit_account FROM teller.holds
            WHERE state = 'pending' AND expires_at <= statement_timestamp() LIMIT \(Self.batch)
            """, deadline: Deadline.after(Self.patience).instant)
        guard !rows.isEmpty else { return 0 }
        let accounts = Set(try rows.map { try $0.decode(Int64.self, at: 0) })
        _ = try await transactions.post(
            PostingBatch(groups: [], accounts: Array(accounts), holdLimit: Self.batch),
            deadline: .after(Self.patience))
        return rows.count
    }
}
