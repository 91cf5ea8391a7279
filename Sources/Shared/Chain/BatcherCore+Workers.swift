import NIOCore

extension BatcherCore {
    func work(as id: BatcherID, _ take: @escaping ([Ticket]?) -> Void) {
        guard !isClosed else { return take(nil) }
        let batch = takeBatch()
        guard batch.isEmpty else { return take(batch) }
        idleWorkers.append((id, take))
    }

    func withdraw(_ id: BatcherID) {
        guard let index = idleWorkers.firstIndex(where: { $0.id == id }) else { return }
        idleWorkers.remove(at: index).take(nil)
    }

    func dispatchSoon() {
        guard !isDispatching, !idleWorkers.isEmpty else { return }
        isDispatching = true
        eventLoop.assumeIsolated().execute { self.dispatch() }
    }

    private func dispatch() {
        isDispatching = false
        while !queue.isEmpty, !idleWorkers.isEmpty {
            let batch = takeBatch()
            guard !batch.isEmpty, !idleWorkers.isEmpty else {
                return putBack(batch, attempts: nil, failingWith: BatcherError.closed)
            }
            idleWorkers.removeFirst().take(batch)
        }
    }

    /// Takes as much of what waits as a batch may hold.
    private func takeBatch() -> [Ticket] {
        guard !queue.isEmpty else { return [] }
        var (batch, expired): ([Ticket], [Ticket]) = ([], [])
        var (weight, taken) = (0, 0)
        let now = Deadline(.now)
        for ticket in queue {
            if !batch.isEmpty, weight + ticket.weight > batchLimit { break }
            taken += 1
            queuedWeight -= ticket.weight
            guard waits[ticket.id] != nil else { continue }
            if ticket.deadline <= now {
                expired.append(ticket)
            } else {
                waits[ticket.id]?.isTaken = true
                batch.append(ticket)
                weight += ticket.weight
            }
        }
        queue.removeFirst(taken)
        if !queue.isEmpty { dispatchSoon() }
        finish(expired, failingWith: BatcherError.deadlineExceeded)
        return batch
    }

    func putBack(_ batch: [Ticket], attempts: Int?, failingWith error: any Error) {
        guard !isClosed, refusal == nil else { return finish(batch, failingWith: error) }
        var (again, cancelled, failed): ([Ticket], [Ticket], [Ticket]) = ([], [], [])
        for ticket in batch {
            guard var wait = waits[ticket.id] else { continue }
            wait.isTaken = false
            if wait.isCancelled {
                cancelled.append(ticket)
            } else if let attempts, wait.attempts >= attempts {
                failed.append(ticket)
            } else {
                if attempts != nil { wait.attempts += 1 }
                again.append(ticket)
            }
            waits[ticket.id] = wait
        }
        queue.insert(contentsOf: again, at: 0)
        queuedWeight += again.reduce(0) { $0 + $1.weight }
        // The timer does not know of what a worker had.
        if let next = again.lazy.map(\.deadline).min() { scheduleTimer(for: next) }
        if !again.isEmpty { dispatchSoon() }
        finish(cancelled, failingWith: CancellationError())
        finish(failed, failingWith: error)
    }
}
