/// Who has which connection and who waits for one. Pure: no I/O, no clock.
struct PoolState<Connection: AnyObject & Sendable, Waiter: AnyObject & Sendable> {
    enum Acquisition {
        case lease(Connection)
        case wait(Waiter)
        case fail(PostgresError)
    }

    private(set) var isOpen = true
    /// The most recently used is last and goes first: its statements are prepared.
    private(set) var idle: [Connection] = []
    private(set) var leased: [Connection] = []
    /// The longest waiting first.
    private(set) var waiters: [Waiter] = []
    private let waiterLimit: Int
    /// Why the last attempt failed, while no connection is open.
    private(set) var connectError: PostgresError?

    init(waiterLimit: Int) {
        self.waiterLimit = waiterLimit
    }

    var openCount: Int { idle.count + leased.count }

    // MARK: Callers

    /// - Parameter waiter: who waits in line when there is no connection.
    mutating func acquire(
        waiter: @autoclosure () -> Waiter, where isUsable: (Connection) -> Bool
    ) -> Acquisition {
        guard isOpen else { return .fail(PostgresError(.poolClosed, isSafeToRetry: true)) }
        while let connection = idle.popLast() {
            guard isUsable(connection) else { continue }
            leased.append(connection)
            return .lease(connection)
        }
        if let connectError { return .fail(connectError) }
        if waiters.count >= waiterLimit { return .fail(PostgresError(.poolExhausted)) }
        waiters.append(waiter())
        return .wait(waiters[waiters.count - 1])
    }

    /// One who waits no more.
    mutating func abandon(_ waiter: Waiter) {
        waiters.removeAll { $0 === waiter }
    }

    // MARK: Connections

    /// A connection is free: new, given back, or not taken by the waiter who was to have it.
    /// - Returns: who gets it now; or that it is to be closed.
    mutating func free(_ connection: Connection) -> (waiter: Waiter?, closes: Bool) {
        leased.removeAll { $0 === connection }
        guard isOpen else { return (nil, true) }
        connectError = nil
        if waiters.isEmpty {
            idle.append(connection)
            return (nil, false)
        }
        leased.append(connection)
        return (waiters.removeFirst(), false)
    }

    /// A connection has ended.
    mutating func removed(_ connection: Connection) {
        idle.removeAll { $0 === connection }
        leased.removeAll { $0 === connection }
    }

    /// An attempt to connect failed. With no connection open those who wait have nothing to wait for.
    /// - Returns: who is to be told.
    mutating func failedToConnect(_ error: PostgresError) -> [Waiter] {
        guard openCount == 0, isOpen else { return [] }
        connectError = error
        defer { waiters = [] }
        return waiters
    }

    /// Lets go of what is idle; what is leased is closed when it is given back, unless it is let go of now.
    mutating func close(withLeased: Bool) -> (waiters: [Waiter], connections: [Connection]) {
        isOpen = false
        defer {
            (waiters, idle) = ([], [])
            if withLeased { leased = [] }
        }
        return (waiters, withLeased ? idle + leased : idle)
    }
}
