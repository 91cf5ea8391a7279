import BalanceAPI
import Chain
import Synchronization

/// Which balance services are ready, and why the others are not.
final class BalanceServiceDirectory: Sendable {
    /// A balance service that passed its health check, and the way to it.
    struct Ready: Sendable {
        let address: HostAndPort
        let calls: SingleCalls
    }

    struct Entry: Sendable {
        let address: HostAndPort
        var state: Result<SingleCalls, Unavailable>
    }

    struct Unavailable: Error {
        let condition: BalanceServiceCondition
    }

    private struct State {
        var entries: [Entry]
        var turn = 0
    }

    private let state: Mutex<State>
    private let reads: BalanceBatcher
    private let writes: TransferBatcher

    /// - Parameters:
    ///   - reads: Accepts reads only while a service is ready.
    ///   - writes: Accepts writes only while a service is ready.
    init(addresses: [HostAndPort], reads: BalanceBatcher, writes: TransferBatcher) {
        self.reads = reads
        self.writes = writes
        let unknown = Unavailable(condition: .notConnected)
        state = Mutex(
            State(entries: addresses.map { Entry(address: $0, state: .failure(unknown)) }))
        refuse(with: .unavailable(unknown.condition))
    }

    func markReady(_ index: Int, through calls: SingleCalls) {
        state.withLock { $0.entries[index].state = .success(calls) }
        reads.accept()
        writes.accept()
    }

    func markUnavailable(_ index: Int, _ condition: BalanceServiceCondition) {
        let common = state.withLock { state in
            state.entries[index].state = .failure(Unavailable(condition: condition))
            return Self.condition(state)
        }
        // Not under the lock: whoever waits is called back, and may ask who is ready.
        if let common { refuse(with: .unavailable(common)) }
    }

    private func refuse(with error: BalanceClientError) {
        reads.refuse(with: error)
        writes.refuse(with: error)
    }

    /// The next ready service, in turn.
    ///
    /// - Parameter tried: What failed a moment ago: only when nobody else is ready.
    func next(besides tried: SingleCalls? = nil) throws(BalanceClientError) -> Ready {
        let ready: Result<Ready, BalanceClientError> = state.withLock { state in
            var last: Ready?
            for _ in state.entries.indices {
                state.turn = (state.turn + 1) % state.entries.count
                let entry = state.entries[state.turn]
                guard case .success(let calls) = entry.state else { continue }
                let ready = Ready(address: entry.address, calls: calls)
                if calls !== tried { return .success(ready) }
                last = ready
            }
            if let last { return .success(last) }
            return .failure(.unavailable(Self.condition(state) ?? .notConnected))
        }
        return try ready.get()
    }

    var entries: [Entry] { state.withLock { $0.entries } }

    /// Why nothing can be read; `nil` while a service is ready. A lost database is said before an
    /// unreachable service: it is further down the chain, and the one to look at.
    private static func condition(_ state: State) -> BalanceServiceCondition? {
        var condition = BalanceServiceCondition.notConnected
        for entry in state.entries {
            switch entry.state {
            case .success: return nil
            case .failure(let unavailable):
                if unavailable.condition == .databaseUnavailable {
                    condition = .databaseUnavailable
                }
            }
        }
        return condition
    }
}
