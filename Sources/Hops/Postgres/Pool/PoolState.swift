/// Who has which connection and who waits for one. Pure: no I/O, no clock.
struct PoolState<Connection: AnyObject & Sendable, Waiter: Sendable> {
    enum Phase { case open, draining, closed }

    enum Acquisition {
        case lease(Connection)
        case wait
        case fail(PostgresError)
    }

    private(set) var phase = Phase.open
    /// The most recently used is last and goes first: its statements are prepared.
    private(set) var idle: [Connection] = []
    private(set) var leased: [Connection] = []
    private var queue: [UInt64] = []
    private var queueHead = 0
    private var waiters: [UInt64: (waiter: Waiter, deadline: ContinuousClock.Instant)] = [:]
    private var nextWaiter: UInt64 = 0
    private let waiterLimit: Int
    /// Why the last attempt failed, while no connection is open.
    private(set) var connectError: PostgresError?

    init(waiterLimit: Int) {
        self.waiterLimit = waiterLimit
    }

    var openCount: Int { idle.count + leased.count }
    var waiterCount: Int { waiters.count }
    var earliestDeadline: ContinuousClock.Instant? { waiters.values.lazy.map(\.deadline).min() }

    // MARK: Callers

    mutating func acquire(where isUsable: (Connection) -> Bool) -> Acquisition {
        guard phase == .open else { return .fail(PostgresError(.poolClosed, isSafeToRetry: true)) }
        while let connection = idle.popLast() {
            guard isUsable(connection) else { continue }
            leased.append(connection)
            return .lease(connection)
        }
        if let connectError { return .fail(connectError) }
        if waiters.count >= waiterLimit { return .fail(PostgresError(.poolExhausted)) }
        return .wait
    }

    mutating func makeWaiterID() -> UInt64 {
        nextWaiter += 1
        return nextWaiter
    }

    mutating func enqueue(_ waiter: Waiter, id: UInt64, deadline: ContinuousClock.Instant) {
        waiters[id] = (waiter, deadline)
        queue.append(id)
    }

    /// - Returns: the waiter, unless it has been served.
    mutating func abandon(waiter id: UInt64) -> Waiter? {
        waiters.removeValue(forKey: id)?.waiter
    }

    /// Those whose time is over.
    mutating func expire(now: ContinuousClock.Instant) -> [Waiter] {
        let expired = waiters.filter { $0.value.deadline <= now }
        for id in expired.keys { waiters[id] = nil }
        return expired.values.map(\.waiter)
    }

    // MARK: Connections

    /// A connection is free: new, or given back.
    /// - Returns: who gets it now; or that it is to be closed.
    mutating func free(_ connection: Connection) -> (waiter: Waiter?, closes: Bool) {
        leased.removeAll { $0 === connection }
        guard phase == .open else { return (nil, true) }
        connectError = nil
        if let waiter = popWaiter() {
            leased.append(connection)
            return (waiter, false)
        }
        idle.append(connection)
        return (nil, false)
    }

    /// A connection has ended.
    mutating func removed(_ connection: Connection) {
        idle.removeAll { $0 === connection }
        leased.removeAll { $0 === connection }
    }

    /// An attempt to connect failed. With no connection open those who wait have nothing to wait for.
    /// - Returns: who is to be told.
    mutating func failedToConnect(_ error: PostgresError) -> [Waiter] {
        guard openCount == 0, phase == .open else { return [] }
        connectError = error
        return takeWaiters()
    }

    // MARK: The end

    /// Lets go of what is idle; what is leased is closed when it is given back.
    mutating func drain() -> (waiters: [Waiter], idle: [Connection]) {
        if phase == .open { phase = .draining }
        defer { idle = [] }
        return (takeWaiters(), idle)
    }

    /// Lets go of everything.
    mutating func close() -> (waiters: [Waiter], connections: [Connection]) {
        phase = .closed
        defer { (idle, leased) = ([], []) }
        return (takeWaiters(), idle + leased)
    }

    private mutating func takeWaiters() -> [Waiter] {
        var taken: [Waiter] = []
        while let waiter = popWaiter() { taken.append(waiter) }
        return taken
    }

    private mutating func popWaiter() -> Waiter? {
        while queueHead < queue.count {
            let id = queue[queueHead]
            queueHead += 1
            if queueHead > 64, queueHead * 2 > queue.count {
                queue.removeFirst(queueHead)
                queueHead = 0
            }
            if let waiter = waiters.removeValue(forKey: id)?.waiter { return waiter }
        }
        return nil
    }
}
