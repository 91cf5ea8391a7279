import NIOCore

extension Batcher {
    /// Calls back once with a batch: now when something waits, else when it does. Called on the event
    /// loop.
    ///
    /// - Parameters:
    ///   - id: The worker's, from ``workerID()``.
    ///   - take: Gets `nil` when the worker was withdrawn or the batcher closed.
    public func work(as id: BatcherID, _ take: @escaping ([Ticket]?) -> Void) {
        core.value.work(as: id, take)
    }

    /// An id for one that works again and again.
    public func workerID() -> BatcherID { nextID() }

    /// Ends a worker's wait for a batch.
    public func withdraw(_ id: BatcherID) {
        onLoop { $0.withdraw(id) }
    }

    /// Waits until there is work, and takes as much of it as a batch may hold.
    ///
    /// - Throws: `CancellationError` when the worker's task is cancelled or the batcher closed.
    public func nextBatch() async throws -> [Ticket] {
        let worker = nextID()
        let leaving = SharedFlag()
        let batch: [Ticket]? = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                onLoop { core in
                    guard !leaving.isSet else { return continuation.resume(returning: nil) }
                    core.work(as: worker) { continuation.resume(returning: $0) }
                }
            }
        } onCancel: {
            leaving.set()
            withdraw(worker)
        }
        guard let batch else { throw CancellationError() }
        guard !Task.isCancelled else {
            putBack(batch, attempts: nil, failingWith: BatcherError.closed)
            throw CancellationError()
        }
        return batch
    }

    /// Gives each ticket of a batch its outcome; those that have one already keep it.
    public func finish(
        _ batch: [Ticket], _ outcome: @escaping @Sendable (Ticket) -> Result<Outcome, any Error>
    ) {
        onLoop { core in
            for ticket in batch { core.finish(ticket.id, outcome(ticket)) }
        }
    }

    /// Gives the tickets of a batch their outcomes, in order; there must be one for each.
    public func finish(_ batch: [Ticket], with outcomes: [Outcome]) {
        precondition(batch.count == outcomes.count, "an outcome for each ticket")
        onLoop { core in
            for (ticket, outcome) in zip(batch, outcomes) {
                core.finish(ticket.id, .success(outcome))
            }
        }
    }

    /// Gives every ticket of a batch the same outcome.
    public func finish(_ batch: [Ticket], with outcome: Result<Outcome, any Error>) {
        finish(batch) { _ in outcome }
    }

    /// Puts back what a worker could not do, before everything else that waits, for another one.
    ///
    /// - Parameters:
    ///   - attempts: Tickets that were put back this often already fail instead; `nil` for a batch
    ///     that was not tried.
    ///   - error: What they fail with, also when the batcher refuses or is closed.
    public func putBack(_ batch: [Ticket], attempts: Int?, failingWith error: any Error) {
        onLoop { $0.putBack(batch, attempts: attempts, failingWith: error) }
    }
}
