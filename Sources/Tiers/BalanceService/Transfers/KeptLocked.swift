import Ledger
import Synchronization

/// What another transaction was just found to keep locked for long. Requests that need it are posted
/// apart from the others and without waiting, so that none waits for such a lock twice.
final class KeptLocked: Sendable {
    /// What a request says it wants, where that is locked.
    enum Name: Hashable, Sendable {
        case account(Int64)
        /// The cash account of a currency.
        case cash(String)
        /// The accounts of a hold or a transfer.
        case subject(Identifier)
    }

    /// How long it is remembered, from when it was last found locked.
    private static let memory = Duration.seconds(5)
    /// The most that is remembered.
    private static let limit = 10_000

    private let now: @Sendable () -> ContinuousClock.Instant
    private let known = Mutex<[Name: ContinuousClock.Instant]>([:])

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
    }

    func remember(_ names: some Sequence<Name>) {
        let end = now() + Self.memory
        known.withLock { known in
            for name in names where known.count < Self.limit || known[name] != nil {
                known[name] = end
            }
        }
    }

    /// A group has had its locks.
    func forget(_ group: PostingGroup) {
        known.withLock { known in
            if known.isEmpty { return }
            for name in group.names { known[name] = nil }
        }
    }

    /// The places of the groups that need what is locked, and of the same caller's later ones.
    func places(in groups: [PostingGroup]) -> Set<Int> {
        let known = known.withLock { known in
            if !known.isEmpty {
                let now = now()
                known = known.filter { $0.value > now }
            }
            return known
        }
        if known.isEmpty { return [] }
        return groups.places { group, _ in group.names.contains { known[$0] != nil } }
    }
}

extension [PostingGroup] {
    /// The places where something is so, and of those behind them that follow: a caller's later groups are
    /// not done before his earlier ones.
    func places(where isSo: (PostingGroup, Int) -> Bool) -> Set<Int> {
        var places: Set<Int> = []
        for (place, group) in enumerated()
        where isSo(group, place) || group.follows && places.contains(place - 1) {
            places.insert(place)
        }
        return places
    }
}

extension PostingGroup {
    fileprivate var names: [KeptLocked.Name] {
        transfers.flatMap { request in
            request.namedAccounts.map { .account($0.number) }
                + (request.cashCurrency.map { [.cash($0.code)] } ?? [])
                + (request.subject.map { [.subject($0)] } ?? [])
        }
    }

    /// What it calls an account: by its number, or by what made the ledger look it up.
    func names(of account: Int64, isCash: Bool) -> [KeptLocked.Name] {
        let names = names
        if names.contains(.account(account)) { return [.account(account)] }
        return names.filter { name in
            switch name {
            case .account: false
            case .cash: isCash
            case .subject: !isCash || !names.contains { if case .cash = $0 { true } else { false } }
            }
        }
    }
}
