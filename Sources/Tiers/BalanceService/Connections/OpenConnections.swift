import NIOCore
import Synchronization

/// What the connections of hop 2 use. When all together use too much, the one is closed that uses most
/// for each request that it has made.
///
/// So whoever has long been served outlasts many who only hold something. A newcomer has no such standing
/// yet, and many who make as many requests as it does can cost it its connection: it connects anew.
final class OpenConnections: Sendable {
    /// What there is a limit of.
    enum Resource: Int, CaseIterable, Sendable {
        case calls, requestBytes, answerBytes
    }

    private struct Use {
        let channel: any Channel
        var amounts = [Int](repeating: 0, count: Resource.allCases.count)
        /// How many whole requests it has made; to watch the health is no work.
        var requests = 0
        /// Those of them that have no answer yet.
        var unanswered = 0
        var watches = 0
        var lastHeard: NIODeadline
        /// When something of its answers was last read, or there was none to read.
        var lastRead: NIODeadline

        subscript(resource: Resource) -> Int {
            get { amounts[resource.rawValue] }
            set { amounts[resource.rawValue] = newValue }
        }

        /// What it uses for each request that it has made, of which only so many count: nobody earns
        /// the right to everything.
        func share(of resource: Resource) -> Double {
            Double(self[resource]) / Double(min(1 + requests, 1000))
        }

        /// The least useful one is the least.
        var usefulness: (Int, Int, NIODeadline) { (min(unanswered, 1), requests, lastHeard) }
    }

    private struct State {
        var uses: [ObjectIdentifier: Use] = [:]
        var totals = [Int](repeating: 0, count: Resource.allCases.count)
        var peers = ResettingPeers()

        mutating func remove(_ id: ObjectIdentifier) -> Use? {
            guard let use = uses.removeValue(forKey: id) else { return nil }
            for resource in Resource.allCases { totals[resource.rawValue] -= use[resource] }
            return use
        }
    }

    let limits: HopLimits
    private let state = Mutex(State())

    init(limits: HopLimits) {
        self.limits = limits
    }

    /// - Returns: How long the connection has to wait before it is heard; `nil`: too long.
    func open(_ channel: any Channel, at now: NIODeadline = .now()) -> TimeAmount? {
        let (wait, victim) = state.withLock { state in
            let victim =
                state.uses.count + 1 >= limits.connections
                ? state.uses.min { $0.value.usefulness < $1.value.usefulness }
                    .flatMap { state.remove($0.key) } : nil
            state.uses[ObjectIdentifier(channel)] = Use(
                channel: channel, lastHeard: now, lastRead: now)
            return (
                state.peers.wait(of: channel.remoteAddress?.ipAddress, at: now, limits), victim
            )
        }
        victim.map(Self.end)
        return wait
    }

    func close(_ channel: any Channel) {
        _ = state.withLock { $0.remove(ObjectIdentifier(channel)) }
    }

    func heard(from channel: any Channel, at now: NIODeadline = .now()) {
        state.withLock { $0.uses[ObjectIdentifier(channel)]?.lastHeard = now }
    }

    func take(_ amount: Int, of resource: Resource, by channel: any Channel) {
        let victim: Use? = state.withLock { state in
            let id = ObjectIdentifier(channel)
            guard state.uses[id] != nil else { return nil }
            if resource == .answerBytes, state.uses[id]?[resource] == 0 {
                state.uses[id]?.lastRead = .now()
            }
            state.uses[id]?[resource] += amount
            state.totals[resource.rawValue] += amount
            guard state.totals[resource.rawValue] > limit(of: resource) else { return nil }
            let greediest = state.uses.max {
                $0.value.share(of: resource) < $1.value.share(of: resource)
            }
            return greediest.flatMap { state.remove($0.key) }
        }
        victim.map(Self.end)
    }

    func giveBack(_ amount: Int, of resource: Resource, by channel: any Channel) {
        state.withLock { state in
            let id = ObjectIdentifier(channel)
            guard state.uses[id] != nil else { return }
            state.uses[id]?[resource] -= amount
            state.totals[resource.rawValue] -= amount
            if resource == .answerBytes { state.uses[id]?.lastRead = .now() }
        }
    }

    /// A request is there as a whole.
    func beginWork(of channel: any Channel) {
        state.withLock { state in
            state.uses[ObjectIdentifier(channel)]?.requests += 1
            state.uses[ObjectIdentifier(channel)]?.unanswered += 1
        }
    }

    /// The answer to it has begun, or will never be.
    func endWork(of channel: any Channel) {
        state.withLock { $0.uses[ObjectIdentifier(channel)]?.unanswered -= 1 }
    }

    /// - Returns: Whether the connection may watch one time more.
    func beginWatch(by channel: any Channel) -> Bool {
        state.withLock { state in
            let id = ObjectIdentifier(channel)
            guard let watches = state.uses[id]?.watches, watches < limits.watches else {
                return false
            }
            state.uses[id]?.watches += 1
            return true
        }
    }

    func endWatch(by channel: any Channel) {
        state.withLock { $0.uses[ObjectIdentifier(channel)]?.watches -= 1 }
    }

    /// A caller took back a call before it was answered.
    func countReset(by channel: any Channel, at now: NIODeadline = .now()) {
        state.withLock { state in
            state.peers.countReset(by: channel.remoteAddress?.ipAddress, at: now, limits)
        }
    }

    /// Closes the connections whose callers do not read.
    func closeStalled(at now: NIODeadline = .now()) {
        let stalled = state.withLock { state in
            let ids = state.uses.filter {
                $0.value[.answerBytes] > 0 && $0.value.lastRead + limits.readTime <= now
            }.keys
            return ids.compactMap { state.remove($0) }
        }
        stalled.forEach(Self.end)
    }

    private func limit(of resource: Resource) -> Int {
        switch resource {
        case .calls: limits.calls
        case .requestBytes: limits.requestBytes
        case .answerBytes: limits.answerBytes
        }
    }

    /// Later: it may be the one whose stream is just being made, which HTTP/2 has to hear of before its end.
    private static func end(_ use: Use) {
        use.channel.eventLoop.execute { use.channel.close(promise: nil) }
    }

    /// How much of a resource is used.
    func total(of resource: Resource) -> Int { state.withLock { $0.totals[resource.rawValue] } }

    var count: Int { state.withLock { $0.uses.count } }
}
