import NIOCore
import Synchronization

extension Batcher {
    /// Keeps one timer, for the earliest deadline. It fires even when that caller is long served,
    /// which with deadlines of seconds is rare and costs less than a timer for each caller.
    func scheduleTimer(for deadline: Deadline, in state: inout State) {
        if let timer = state.timer {
            guard deadline < timer.deadline else { return }
            timer.scheduled.cancel()
        }
        let delay = TimeAmount.microseconds(deadline.remaining.wholeMicroseconds + 1)
        state.timer = (deadline, eventLoop.scheduleTask(in: delay) { self.failExpired() })
    }

    private func failExpired() {
        let now = Deadline(.now)
        let expired = state.withLock { state in
            state.timer = nil
            let expired = state.outstanding.values.filter { $0.deadline <= now }
            for ticket in expired { state.outstanding[ObjectIdentifier(ticket)] = nil }
            if let next = state.outstanding.values.map(\.deadline).min() {
                scheduleTimer(for: next, in: &state)
            }
            return expired
        }
        for ticket in expired { ticket.resume(with: .failure(BatcherError.deadlineExceeded)) }
        removeFinishedFromQueue()
    }

    private func removeFinishedFromQueue() {
        state.withLock { state in
            state.queue.removeAll(where: \.isFinished)
            state.queuedWeight = state.queue.reduce(0) { $0 + $1.weight }
        }
    }
}
