internal import Synchronization

/// What a connection's thread is asked by others, and what it tells them.
final class Mailbox: Sendable {
    /// Something to be done on the thread, for a caller who waits.
    final class Call: Sendable {
        /// Whether the caller has been cancelled.
        let isCancelled = Atomic(false)
        /// Does it, and returns what tells the caller.
        let work: @Sendable (Session) -> @Sendable () -> Void

        init(work: @escaping @Sendable (Session) -> @Sendable () -> Void) {
            self.work = work
        }
    }

    private struct State {
        /// Waits for the thread, or is being served.
        var call: Call?
        var closeReason: PostgresError?
        var isInTransaction = false
    }

    private let state = Mutex(State())
    private let pipe: WakePipe
    /// When the thread has ended: whether the server may still be in COMMIT.
    let ended = Handoff<Bool>()

    /// - Throws: `.connectionRefused` when the process has no more file descriptors.
    init() throws(PostgresError) {
        guard let pipe = WakePipe() else {
            throw PostgresError(.connectionRefused, detail: "no file descriptors left")
        }
        self.pipe = pipe
    }

    // MARK: From any thread

    /// Hands a call in; one at a time.
    ///
    /// - Returns: Why it will not be served.
    func post(_ call: Call) -> PostgresError? {
        let refusal = state.withLock { state -> PostgresError? in
            if let reason = state.closeReason { return reason.beforeSending }
            if state.call != nil { return PostgresError(.connectionBusy) }
            state.call = call
            return nil
        }
        if refusal == nil { pipe.wake() }
        return refusal
    }

    /// The caller is gone.
    func cancel(_ call: Call) {
        call.isCancelled.store(true, ordering: .releasing)
        pipe.wake()
    }

    /// Ends the connection, or the attempt to make it, soon. The first reason counts.
    func close(because reason: PostgresError) {
        state.withLock { $0.closeReason = $0.closeReason ?? reason }
        pipe.wake()
    }

    func wake() {
        pipe.wake()
    }

    /// Why the connection is closed, or will be at once; nil while it is open.
    var closeReason: PostgresError? { state.withLock { $0.closeReason } }

    /// Whether another caller may have the connection: open, idle and in no transaction.
    var isReusable: Bool {
        state.withLock { $0.closeReason == nil && $0.call == nil && !$0.isInTransaction }
    }

    // MARK: On the connection's thread

    /// What to do next. After the close there is no further call.
    var next: (call: Call?, isClosed: Bool) {
        state.withLock { ($0.call, $0.closeReason != nil) }
    }

    /// The call has been served.
    func finishCall(isInTransaction: Bool) {
        state.withLock { ($0.call, $0.isInTransaction) = (nil, isInTransaction) }
    }

    /// As ``WakePipe/wait(for:of:until:)``. Woken by each of the methods above.
    func wait(for events: Int32, of socket: Int32, until end: ContinuousClock.Instant?) -> Bool {
        pipe.wait(for: events, of: socket, until: end)
    }
}
