import Ledger

/// Stands in for the database: keeps what postings changed, and loads what they need.
struct BookKeeper: Hashable {
    var accounts: [AccountNumber: LockedAccount] = [:]
    var records: [Identifier: RecordedTransfer] = [:]
    var holds: [Identifier: Hold] = [:]
    var entries: [Entry] = []

    var reversed: Set<Identifier> {
        Set(records.values.filter { $0.refusal == nil }.compactMap(\.reverses))
    }

    subscript(_ number: AccountNumber) -> LockedAccount? { accounts[number] }

    /// A posting that knows everything.
    func posting(at now: Int64) -> Posting {
        Posting(
            accounts: accounts.values.sorted { $0.number < $1.number },
            recorded: records.values.sorted { $0.id < $1.id }, reversed: reversed,
            holds: holds.values.sorted { $0.id < $1.id }, now: Timestamp(microseconds: now))
    }

    /// A posting that knows only what its documentation says it needs for these requests.
    func posting(of requests: [TransferRequest], at now: Int64) -> Posting {
        let ids = Set(requests.map(\.id)).union(requests.compactMap(\.subject))
        let recorded = ids.compactMap { records[$0] }
        let subjects = Set(requests.compactMap(\.subject))
        var numbers = Set(requests.flatMap(\.namedAccounts))
        for hold in subjects.compactMap({ holds[$0] }) {
            numbers.formUnion([hold.debit, hold.credit])
        }
        for record in subjects.compactMap({ records[$0] }) {
            numbers.formUnion([record.debit, record.credit].compactMap(\.self))
        }
        let currencies = Set(requests.compactMap(\.cashCurrency))
        numbers.formUnion(
            accounts.values.filter { $0.kind == .cash && currencies.contains($0.currency) }.map(
                \.number))
        let time = Timestamp(microseconds: now)
        let due = holds.values.filter {
            numbers.contains($0.debit) && $0.state == .pending && $0.expiresAt <= time
        }
        return Posting(
            accounts: numbers.compactMap { accounts[$0] }, recorded: recorded,
            reversed: reversed.intersection(recorded.map(\.id)),
            holds: Array(Set(due).union(subjects.compactMap { holds[$0] })), now: time)
    }

    mutating func write(_ changes: Posting.Changes) {
        for account in changes.accounts { accounts[account.number] = account }
        for record in changes.transfers { records[record.id] = record }
        for hold in changes.newHolds + changes.resolvedHolds { holds[hold.id] = hold }
        entries += changes.entries
    }

    /// Asks for a group in a posting of its own.
    mutating func ask(_ group: TransferRequest..., at now: Int64 = 0) -> [TransferOutcome] {
        var posting = posting(at: now)
        let outcomes = posting.apply(group)
        write(posting.changes)
        return outcomes
    }
}
