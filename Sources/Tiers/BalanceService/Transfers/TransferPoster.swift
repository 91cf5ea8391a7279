import Chain
import Ledger
import Logging
import NIOCore
import ServiceLifecycle

/// Posts the transfers of all callers that ask at the same time in one transaction.
struct TransferPoster: Service {
    /// The groups of one call.
    typealias Member = [PostingGroup]

    /// A call's share of a batch.
    struct Share: Sendable {
        /// One for each group of the call, in order.
        var results: [GroupResult]
        /// How many transfers the whole batch had.
        var batchSize: Int
        /// What PostgreSQL and the way to it took.
        var databaseTime: Duration
    }

    /// Transfers that may wait, about what a second can post, and that one transaction may hold.
    static let limits = Batcher<Member, Share>.Limits(waiting: 10_000, batch: 500)

    private let batcher: Batcher<Member, Share>
    private let transactions: any PostingTransactions
    private let keptLocked = KeptLocked()
    private let batchesInFlight: Int
    private let logger: Logger

    init(
        transactions: any PostingTransactions, batchesInFlight: Int,
        limits: Batcher<Member, Share>.Limits = limits, eventLoop: any EventLoop, logger: Logger
    ) {
        self.transactions = transactions
        self.batchesInFlight = batchesInFlight
        self.logger = logger
        // Once a transfer is in a transaction, only that can tell its outcome.
        batcher = Batcher(limits: limits, workersDecide: true, eventLoop: eventLoop)
    }

    /// Posts groups together with whatever else is asked now, and waits until their outcomes are
    /// known: some seconds past their deadlines at most.
    ///
    /// - Throws: ``BatcherError`` or `CancellationError`; nothing was done.
    func post(_ groups: Member) async throws -> Share {
        let weight = groups.reduce(0) { $0 + $1.transfers.count }
        let deadline = groups.map(\.deadline).max() ?? .after(.zero)
        return try await batcher.submit(groups, weight: weight, deadline: deadline)
    }

    /// Works on the batches until the service shuts down.
    func run() async throws {
        await batcher.serve(inFlight: batchesInFlight, post)
    }

    /// Answers each call as soon as all its groups have a result.
    private func post(_ batch: [Batcher<Member, Share>.Ticket]) async {
        let start = ContinuousClock.now
        let size = batch.reduce(0) { $0 + $1.weight }
        var run = PostingRun(
            batch.flatMap(\.member), transactions: transactions, keptLocked: keptLocked,
            logger: logger)
        var count = 0
        var waiting = batch.map { ticket in
            defer { count += ticket.member.count }
            return (ticket, groups: count..<(count + ticket.member.count))
        }
        repeat {
            await run.advance()
            let databaseTime = start.duration(to: .now)
            var answered: [(Batcher<Member, Share>.Ticket, Share)] = []
            waiting.removeAll { ticket, groups in
                guard let results = run.results(of: groups) else { return false }
                let share = Share(
                    results: results, batchSize: size, databaseTime: databaseTime)
                answered.append((ticket, share))
                return true
            }
            if !answered.isEmpty { batcher.finish(answered.map(\.0), with: answered.map(\.1)) }
        } while !waiting.isEmpty
    }
}
