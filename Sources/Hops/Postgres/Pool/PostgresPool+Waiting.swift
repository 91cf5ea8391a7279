internal import Synchronization

extension PostgresPool {
    /// Waits in line for a connection to become free.
    func waitForConnection(
        deadline: Instant?
    ) async throws(PostgresError) -> PostgresConnection {
        let longest = ContinuousClock.now + maximumWait
        let end = min(longest, deadline ?? longest)
        let id = state.withLock { $0.makeWaiterID() }
        let lease: Lease = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait(continuation, id: id, until: end)
            }
        } onCancel: {
            abandon(waiter: id)
        }
        do throws(PostgresError) {
            return try lease.get()
        } catch {
            guard error.code == .poolTimeout, let deadline, deadline <= longest else { throw error }
            throw error.with(code: .deadlineExceeded, isSafeToRetry: true)
        }
    }

    private func wait(
        _ continuation: CheckedContinuation<Lease, Never>, id: UInt64, until end: Instant
    ) {
        // A connection may have become free since the caller was told to wait.
        let acquisition = state.withLock { state in
            let acquisition = state.acquire(where: \.isOpen)
            if case .wait = acquisition { state.enqueue(continuation, id: id, deadline: end) }
            return acquisition
        }
        switch acquisition {
        case .lease(let connection): continuation.resume(returning: .success(connection))
        case .fail(let error): continuation.resume(returning: .failure(error))
        case .wait:
            setAlarm(end)
            // Cancelled before it was in the queue, where the handler could not find it.
            if Task.isCancelled { abandon(waiter: id) }
        }
    }

    private func abandon(waiter id: UInt64) {
        let error = PostgresError(.cancelled, isSafeToRetry: true)
        state.withLock { $0.abandon(waiter: id) }?.resume(returning: .failure(error))
    }

    // MARK: Waiters' deadlines

    /// One alarm serves all waiters: it is set anew only for an earlier end.
    private func setAlarm(_ instant: Instant) {
        let isEarlier = alarm.withLock { alarm in
            if let alarm, alarm <= instant { return false }
            alarm = instant
            return true
        }
        guard isEarlier else { return }
        reactor.schedule(at: instant) { [weak self] in self?.ring(instant) }
    }

    private func ring(_ instant: Instant) {
        alarm.withLock { if $0 == instant { $0 = nil } }
        let (expired, next) = state.withLock { ($0.expire(now: .now), $0.earliestDeadline) }
        fail(expired, with: PostgresError(.poolTimeout))
        if let next { setAlarm(next) }
    }
}
