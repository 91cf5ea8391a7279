internal import CLibPQ
internal import Dispatch
internal import Synchronization

extension Session {
    /// A request that is being served.
    struct Operation {
        /// When to cancel; after that, when to do so again.
        var deadline: ContinuousClock.Instant?
        /// When to give the connection up.
        var cancelBound = ContinuousClock.now
        /// Why the request is being cancelled.
        var interruption: PostgresError.Code?
        /// The last one: it must arrive before the next request starts.
        var cancelRequest: CancelRequest?
        /// The server may be in COMMIT, where nothing is ever cancelled.
        var mayCommit = false
        /// The caller's cancellation is ignored.
        var isShielded = false
    }

    /// Waits for the socket, and turns the caller's deadline and cancellation into a cancel request.
    ///
    /// - Throws: When the connection is closed, or its cancelled statement does not end.
    func waitForSocket(_ events: Int32) throws(PostgresError) {
        while try !isReady(events) {}
    }

    /// The server has answered. A cancel request still on its way would end the next statement, so the
    /// connection is not given back before it has arrived.
    func finishCancelling() throws(PostgresError) {
        while let request = operation.cancelRequest, !request.hasReturned {
            // No event is waited for but that the socket is in error: nothing more will come of it.
            if try isReady(0) { throw lostError() }
        }
    }

    private func isReady(_ events: Int32) throws(PostgresError) -> Bool {
        if let reason = mailbox.closeReason { throw reason }
        if isCallerGone, operation.interruption == nil { try interrupt(because: .cancelled) }
        let isReady = mailbox.wait(
            for: events, of: PQsocket(pointer), until: operation.deadline)
        // Also while an answer without end arrives; but one that says whether it is committed is read.
        if let deadline = operation.deadline, deadline <= .now, !(isReady && operation.mayCommit) {
            try interrupt(because: .deadlineExceeded)
        }
        return isReady
    }

    var isCallerGone: Bool {
        !operation.isShielded && call?.isCancelled.load(ordering: .acquiring) == true
    }

    /// Starts to cancel, and asks again as long as the statement goes on: a request that comes before the
    /// server has begun with the statement does nothing.
    private func interrupt(because code: PostgresError.Code) throws(PostgresError) {
        if operation.mayCommit { return try stopWaiting(because: code) }
        let now = ContinuousClock.now
        if let interruption = operation.interruption {
            if now >= operation.cancelBound {
                throw PostgresError(interruption, detail: "the statement could not be cancelled")
            }
        } else {
            operation.interruption = code
            operation.cancelBound = now + configuration.cancelTimeout
        }
        operation.deadline = min(now + .milliseconds(100), operation.cancelBound)
        guard operation.cancelRequest?.hasReturned != false else { return }
        operation.cancelRequest = CancelRequest(pointer)
        operation.cancelRequest?.send(waking: mailbox)
    }

    /// A cancel request that met COMMIT in its wait for the standby would end that wait: all would see what
    /// the standby does not have, and the next fail-over would take it back. So the server is left to
    /// itself: at the deadline the connection is closed, and the outcome not known. A caller who was
    /// cancelled waits a little for the answer, which is there soon as a rule.
    private func stopWaiting(because code: PostgresError.Code) throws(PostgresError) {
        if code == .deadlineExceeded {
            leftCommitting = true
            throw PostgresError(
                operation.interruption ?? code, detail: "it may be committed, or still will be")
        }
        operation.interruption = code
        let bound = ContinuousClock.now + configuration.cancelTimeout
        operation.deadline = min(operation.deadline ?? bound, bound)
    }
}

/// What a cancel request needs: a copy of the server's address and the connection's secret key.
///
/// Unchecked: the pointer is not changed after `init`, one helper thread alone uses it, and only `deinit`
/// frees it. libpq allows `PQcancel` on any thread, and it does not touch the connection.
final class CancelRequest: @unchecked Sendable {
    private let pointer: OpaquePointer
    private let returned = Atomic(false)

    init?(_ connection: OpaquePointer) {
        guard let pointer = PQgetCancel(connection) else { return nil }
        self.pointer = pointer
    }

    deinit {
        PQfreeCancel(pointer)
    }

    /// Whether the server has taken note, or cannot be reached.
    var hasReturned: Bool { returned.load(ordering: .acquiring) }

    /// Sends it from a thread of its own, since libpq blocks: the connection's own keeps its deadline, and
    /// in a pool of threads it would wait behind others. How many there are is bounded by the connections
    /// and the time after which the system gives up a peer.
    func send(waking mailbox: Mailbox) {
        let work: @Sendable () -> Void = { [self] in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) {
                // A failure shows in the statement going on, which has a bound.
                _ = PQcancel(pointer, $0.baseAddress, 256)
            }
            returned.store(true, ordering: .releasing)
            mailbox.wake()
        }
        // Without a thread to be had, later is better than never.
        if !startThread(work) { DispatchQueue.global().async(execute: work) }
    }
}
