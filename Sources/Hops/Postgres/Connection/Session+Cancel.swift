internal import CLibPQ
internal import Synchronization

/// What a cancel request needs: a copy of the server's address and the connection's secret key.
///
/// Unchecked: made on the reactor's thread, used and freed on one helper thread. libpq allows
/// `PQcancel` on any thread, and it does not touch the connection.
private final class CancelRequest: @unchecked Sendable {
    private let pointer: OpaquePointer

    init?(_ connection: OpaquePointer) {
        guard let pointer = PQgetCancel(connection) else { return nil }
        self.pointer = pointer
    }

    deinit {
        PQfreeCancel(pointer)
    }

    /// Blocks until the server has taken note.
    func send() {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) {
            // A failure shows in the statement going on, which has a bound.
            _ = PQcancel(pointer, $0.baseAddress, 256)
        }
    }
}

extension PostgresConnection {
    /// Waits for the socket, and turns the caller's deadline and cancellation into a cancel request.
    /// - Throws: when the connection is closed, or its cancelled statement does not end.
    func waitForSocket(_ events: Int16) async throws(PostgresError) {
        while let watch {
            switch await wait(watch, for: events) {
            case .ready: return
            case .helperReturned: operation.isCancelling = false
            case .interrupted: try interrupt(because: .cancelled)
            case .timedOut: try interrupt(because: .deadlineExceeded)
            }
        }
        throw closeReason ?? PostgresError(.connectionClosed)
    }

    /// The server has answered. A cancel request still on its way would end the next statement, so the
    /// connection is not given back before it has arrived.
    func finishCancelling() async throws(PostgresError) {
        while operation.isCancelling, let watch {
            switch await wait(watch, for: 0) {
            case .helperReturned: operation.isCancelling = false
            case .timedOut: try interrupt(because: .deadlineExceeded)
            case .interrupted: break
            // The socket is in error: nothing more will come of it.
            case .ready: throw lostError()
            }
        }
    }

    private func wait(_ watch: SocketWatch, for events: Int16) async -> SocketWatch.Wake {
        await withCheckedContinuation {
            watch.setWait($0, for: events, until: operation.deadline)
        }
    }

    /// Starts to cancel, and asks again as long as the statement goes on: a request that comes before the
    /// server has begun with the statement does nothing.
    private func interrupt(because code: PostgresError.Code) throws(PostgresError) {
        guard let pointer, let watch else {
            throw closeReason ?? PostgresError(.connectionClosed)
        }
        if operation.mayCommit { return try stopWaiting(because: code) }
        let now = ContinuousClock.now
        if let interruption = operation.interruption {
            // A second reason adds nothing.
            guard code == .deadlineExceeded else { return }
            if now >= operation.cancelBound {
                throw PostgresError(interruption, detail: "the statement could not be cancelled")
            }
        } else {
            operation.interruption = code
            operation.cancelBound = now + configuration.cancelTimeout
        }
        operation.deadline = min(now + .milliseconds(100), operation.cancelBound)
        guard !operation.isCancelling, let request = CancelRequest(pointer) else { return }
        operation.isCancelling = true
        let number = operation.number
        Helper.run { [reactor] in
            request.send()
            reactor.submit { watch.signal(.helperReturned, operation: number) }
        }
    }

    /// A cancel request that met COMMIT in its wait for the standby would end that wait: all would see what
    /// the standby does not have, and the next fail-over would take it back. So the server is left to
    /// itself: at the deadline the connection is closed, and the outcome not known. A caller who was
    /// cancelled waits a little for the answer, which is there soon as a rule.
    private func stopWaiting(because code: PostgresError.Code) throws(PostgresError) {
        if code == .deadlineExceeded {
            leftCommitting.store(true, ordering: .releasing)
            throw PostgresError(
                operation.interruption ?? code, detail: "it may be committed, or still will be")
        }
        operation.interruption = code
        let bound = ContinuousClock.now + configuration.cancelTimeout
        operation.deadline = min(operation.deadline ?? bound, bound)
    }
}
