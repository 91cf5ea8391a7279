/// One connection's place in the reactor: the socket, and who waits for it.
///
/// Unchecked: all of it is touched on the reactor's thread only, which each method asserts. A reference
/// may pass through other threads.
final class SocketWatch: @unchecked Sendable {
    enum Wake {
        case ready
        case timedOut
        /// The task that waits was cancelled.
        case interrupted
        /// A call on a helper thread has returned.
        case helperReturned
    }

    private unowned let reactor: SocketReactor
    let descriptor: Int32
    private let whenIdleReadable: () -> Void

    private var continuation: CheckedContinuation<Wake, Never>?
    private(set) var deadline: ContinuousClock.Instant?
    private(set) var events = System.readable
    /// Signals of another operation than this one come too late.
    private var operation: UInt64 = 0
    private var pending: [Wake] = []

    /// - Parameter whenIdleReadable: called on the reactor's thread when the socket has something to
    ///   read and nobody waits for it.
    init(
        reactor: SocketReactor, descriptor: Int32, whenIdleReadable: @escaping () -> Void
    ) {
        self.reactor = reactor
        self.descriptor = descriptor
        self.whenIdleReadable = whenIdleReadable
    }

    /// Starts an operation. What was signalled for the last one is dropped.
    func begin() -> UInt64 {
        reactor.assertOnThread()
        operation &+= 1
        pending.removeAll(keepingCapacity: true)
        return operation
    }

    /// Sets who waits, for what and how long. One wait at a time. What was signalled already ends it.
    func setWait(
        _ continuation: CheckedContinuation<Wake, Never>, for events: Int16,
        until deadline: ContinuousClock.Instant?
    ) {
        reactor.assertOnThread()
        guard pending.isEmpty else { return continuation.resume(returning: pending.removeFirst()) }
        self.continuation = continuation
        self.events = events
        self.deadline = deadline
    }

    /// Tells the operation something from outside of its socket.
    func signal(_ wake: Wake, operation: UInt64) {
        reactor.assertOnThread()
        guard operation == self.operation else { return }
        if continuation == nil {
            pending.append(wake)
        } else {
            resume(wake)
        }
    }

    /// Called by the reactor when the socket is ready.
    func becameReady() {
        continuation == nil ? whenIdleReadable() : resume(.ready)
    }

    /// Called by the reactor when time has passed.
    func expire(now: ContinuousClock.Instant) {
        if continuation != nil, let deadline, deadline <= now { resume(.timedOut) }
    }

    private func resume(_ wake: Wake) {
        let waiting = continuation
        continuation = nil
        deadline = nil
        events = System.readable
        waiting?.resume(returning: wake)
    }
}
