import Chain
import Logging
import Postgres
import ServiceLifecycle

/// What the service does in the database by itself: in batches until nothing is left, again and again.
struct Chore: Service {
    /// For a batch; and after one that failed.
    private static let patience = Duration.seconds(5)

    /// What the log says when it fails.
    let failure: Logger.Message
    /// Between two looks.
    let interval: Duration
    /// How many a statement does at most.
    let batch: Int
    /// Answers with how many it has done.
    let statement: PostgresQuery
    let pool: PostgresPool
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isWarned = false
            while !Task.isCancelled {
                var pause = interval
                do {
                    while try await doBatch() == batch {}
                    isWarned = false
                } catch {
                    pause = min(interval, Self.patience)
                    // The next look does it. That the database is away is said elsewhere.
                    let isAway = [.unavailable, .interrupted].contains(PostingFailure(error))
                    logger.log(
                        level: isAway || isWarned ? .debug : .warning, failure,
                        metadata: ["cause": .string(String(reflecting: error))])
                    if !isAway { isWarned = true }
                }
                try? await Task.sleep(for: pause)
            }
        }
    }

    private func doBatch() async throws -> Int {
        let rows = try await pool.query(
            statement, deadline: Deadline.after(Self.patience).instant)
        return Int(try rows.first?.decode(Int64.self, at: 0) ?? 0)
    }
}
