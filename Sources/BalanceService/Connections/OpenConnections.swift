import NIOCore
import Synchronization

/// What the connections of hop 2 use. When all together use too much, the one that uses most is closed:
/// it costs whoever takes too much, and nobody else.
final class OpenConnections: Sendable {
    /// What there is a limit of.
    enum Resource: Int, CaseIterable, Sendable {
        case calls, requestBytes, answerBytes
    }

    private struct Use {
        let channel: any Channel
        var amounts = [Int](repeating: 0, count: Resource.allCases.count)
        /// How many calls it has made.
        var callCount = 0
        var lastHeard: NIODeadline
        /// When something of its answers was last read, or there was none to read.
        var lastRead: NIODeadline

        subscript(resource: Resource) -> Int {
            get { amounts[resource.rawValue] }
            set { amounts[resource.rawValue] = newValue }
        }
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
                ? Self.longestIdle(state.uses).flatMap { state.remove($0) } : nil
            state.uses[ObjectIdentifier(channel)] = Use(
                channel: channel, lastHeard: now, lastRead: now)
            return (
                state.peers.wait(of: channel.remoteAddress?.ipAddress, at: now, limits), victim
            )
        }
        victim?.channel.close(promise: nil)
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
            if resource == .calls { state.uses[id]?.callCount += 1 }
            if resource == .answerBytes, state.uses[id]?[resource] == 0 {
                state.uses[id]?.lastRead = .now()
            }
            state.uses[id]?[resource] += amount
            state.totals[resource.rawValue] += amount
            guard state.totals[resource.rawValue] > limit(of: resource) else { return nil }
            let greediest = state.uses.max { $0.value[resource] < $1.value[resource] }
            return greediest.flatMap { state.remove($0.key) }
        }
        victim?.channel.close(promise: nil)
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
        for use in stalled { use.channel.close(promise: nil) }
    }

    private func limit(of resource: Resource) -> Int {
        switch resource {
        case .calls: limits.calls
        case .requestBytes: limits.requestBytes
        case .answerBytes: limits.answerBytes
        }
    }

    /// Of those that wait for no answer: one that has made few calls goes before one that has made many.
    private static func longestIdle(_ uses: [ObjectIdentifier: Use]) -> ObjectIdentifier? {
        uses.filter { $0.value[.calls] == 0 }
            .min {
                ($0.value.callCount, $0.value.lastHeard) < ($1.value.callCount, $1.value.lastHeard)
            }?.key
    }

    /// How much of a resource is used.
    func total(of resource: Resource) -> Int { state.withLock { $0.totals[resource.rawValue] } }

    var count: Int { state.withLock { $0.uses.count } }
}
