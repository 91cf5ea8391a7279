import Synchronization

extension Batcher {
    /// Waits until there is work, and takes as much of it as a batch may hold.
    ///
    /// - Throws: `CancellationError` when the worker's task is cancelled or the batcher closed.
    public func nextBatch() async throws -> [Ticket] {
        while true {
            guard !Task.isCancelled else {
                passTurnOn()
                throw CancellationError()
            }
            let batch = takeBatch()
            if !batch.isEmpty { return batch }
            try await waitForWork()
        }
    }

    /// Gives each ticket of a batch its outcome; those that have one already keep it.
    public func finish(_ batch: [Ticket], _ outcome: (Ticket) -> Result<Outcome, any Error>) {
        state.withLock { state in
            for ticket in batch { state.outstanding[ObjectIdentifier(ticket)] = nil }
        }
        for ticket in batch { ticket.resume(with: outcome(ticket)) }
    }

    /// Gives the tickets of a batch their outcomes, in order; there must be one for each.
    public func finish(_ batch: [Ticket], with outcomes: [Outcome]) {
        precondition(batch.count == outcomes.count, "an outcome for each ticket")
        state.withLock { state in
            for ticket in batch { state.outstanding[ObjectIdentifier(ticket)] = nil }
        }
        for (ticket, outcome) in zip(batch, outcomes) { ticket.resume(with: .success(outcome)) }
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
        let isAgain = batch.map { ticket in attempts.map { ticket.countAttempt() < $0 } ?? true }
        let again = zip(batch, isAgain).filter(\.1).map(\.0)
        let mustFail = state.withLock { state in
            guard !state.isClosed, state.refusal == nil else { return true }
            for ticket in again { ticket.giveBack() }
            state.queue.insert(contentsOf: again, at: 0)
            for ticket in again { state.outstanding[ObjectIdentifier(ticket)] = ticket }
            state.queuedWeight += again.reduce(0) { $0 + $1.weight }
            // The timer does not know of what a worker had.
            if let next = again.lazy.map(\.deadline).min() { scheduleTimer(for: next, in: &state) }
            if !again.isEmpty { wakeWorker(in: &state) }
            return false
        }
        finish(
            mustFail ? batch : zip(batch, isAgain).filter { !$0.1 }.map(\.0), with: .failure(error))
    }

    private func takeBatch() -> [Ticket] {
        var expired: [Ticket] = []
        let batch = state.withLock { state in
            state.isWaking = false
            var batch: [Ticket] = []
            var weight = 0
            var taken = 0
            let now = Deadline(.now)
            for ticket in state.queue {
                if !batch.isEmpty, weight + ticket.weight > limits.batch { break }
                taken += 1
                state.queuedWeight -= ticket.weight
                if ticket.isFinished {
                    state.outstanding[ObjectIdentifier(ticket)] = nil
                    continue
                }
                if ticket.deadline <= now {
                    expired.append(ticket)
                    continue
                }
                if workersDecide {
                    state.outstanding[ObjectIdentifier(ticket)] = nil
                    // Not one whose caller was cancelled just now.
                    guard ticket.take() else { continue }
                }
                batch.append(ticket)
                weight += ticket.weight
            }
            state.queue.removeFirst(taken)
            if !state.queue.isEmpty { wakeWorker(in: &state) }
            return batch
        }
        finish(expired, with: .failure(BatcherError.deadlineExceeded))
        return batch
    }

    private func waitForWork() async throws {
        let id = state.withLock { state in
            state.lastWorkerID += 1
            return state.lastWorkerID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.queue.isEmpty, !state.isClosed, !Task.isCancelled else {
                        return false
                    }
                    state.idleWorkers.append((id, continuation))
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            let worker = state.withLock { state in
                state.idleWorkers.firstIndex { $0.id == id }.map {
                    state.idleWorkers.remove(at: $0)
                }
            }
            worker?.continuation.resume()
        }
        if state.withLock({ $0.isClosed }) { throw CancellationError() }
    }

    /// A worker that was woken, but is cancelled, leaves its turn to another.
    private func passTurnOn() {
        state.withLock { state in
            state.isWaking = false
            if !state.queue.isEmpty { wakeWorker(in: &state) }
        }
    }

    func wakeWorker(in state: inout State) {
        guard !state.isWaking, !state.idleWorkers.isEmpty else { return }
        state.isWaking = true
        state.idleWorkers.removeFirst().continuation.resume()
    }
}
