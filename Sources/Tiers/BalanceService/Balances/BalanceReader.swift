import BalanceAPI
import Chain
import Ledger
import Logging
import NIOCore
import ServiceLifecycle

/// Reads the accounts of all callers that ask at the same time with one statement.
struct BalanceReader: Service {
    /// What one call wants: the numbers of its accounts that are well-formed.
    typealias Member = [Int64]

    /// A call's share of a batch.
    struct Share: Sendable {
        /// The accounts of the whole batch, by number.
        var accounts: [Int64: AccountRow]
        /// How many accounts the whole batch asked for.
        var batchSize: Int
        /// What PostgreSQL and the way to it took.
        var databaseTime: Duration
    }

    /// Account numbers that may wait, and that one statement may read.
    static let limits = Batcher<Member, Share>.Limits(waiting: 20_000, batch: 2_000)

    private let batcher: Batcher<Member, Share>
    private let store: AccountStore
    private let batchesInFlight: Int

    init(store: AccountStore, batchesInFlight: Int, eventLoop: any EventLoop) {
        self.store = store
        self.batchesInFlight = batchesInFlight
        batcher = Batcher(limits: Self.limits, eventLoop: eventLoop)
    }

    /// Reads accounts together with all others that are asked for now.
    ///
    /// - Throws: ``BatcherError`` or `PostgresError`.
    func accounts(withIDs ids: Member, deadline: Deadline) async throws -> Share {
        try await batcher.submit(ids, weight: ids.count, deadline: deadline)
    }

    /// Works on the batches until the service shuts down.
    func run() async throws {
        await batcher.serve(inFlight: batchesInFlight, read)
    }

    private func read(_ batch: [Batcher<Member, Share>.Ticket]) async {
        let ids = batch.flatMap(\.member)
        let deadline = batch.map(\.deadline).max() ?? .after(.zero)
        let start = ContinuousClock.now
        do {
            let rows = try await store.accounts(withIDs: ids, deadline: deadline)
            let share = Share(
                accounts: Dictionary(rows.map { ($0.id, $0) }) { first, _ in first },
                batchSize: ids.count, databaseTime: start.duration(to: .now))
            batcher.finish(batch, with: .success(share))
        } catch {
            batcher.finish(batch, with: .failure(error))
        }
    }
}
