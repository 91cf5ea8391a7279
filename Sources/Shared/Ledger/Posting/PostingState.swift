/// What a posting knows and changes, and the way back to where its latest group began.
struct PostingState: Sendable {
    private(set) var accounts: [LockedAccount]
    private(set) var holds: [Hold]
    private(set) var records: [RecordedTransfer]
    private(set) var entries: [Entry] = []

    private let accountsBefore: [LockedAccount]
    private let holdsBefore: [Hold]
    private let recordsBefore: Int

    private var accountIndex: [AccountNumber: Int] = [:]
    private var cashIndex: [Currency: Int] = [:]
    private var holdIndex: [Identifier: Int] = [:]
    private var recordIndex: [Identifier: Int] = [:]
    private var reversed: Set<Identifier>
    private var steps: [Step] = []

    /// A change, by what it takes to undo it.
    private enum Step {
        case account(Int, was: LockedAccount)
        case hold(Int, was: Hold)
        case newHold
        case newRecord
        case newEntry
        case reversal(of: Identifier)
    }

    init(
        accounts: [LockedAccount], records: [RecordedTransfer], reversed: Set<Identifier>,
        holds: [Hold]
    ) {
        self.accounts = accounts
        self.holds = holds
        self.records = records
        self.reversed = reversed
        accountsBefore = accounts
        holdsBefore = holds
        recordsBefore = records.count
        accountIndex.reserveCapacity(accounts.count)
        for (index, account) in accounts.enumerated() {
            accountIndex[account.number] = index
            if account.kind == .cash { cashIndex[account.currency] = index }
        }
        for (index, hold) in holds.enumerated() { holdIndex[hold.id] = index }
        for (index, record) in records.enumerated() { recordIndex[record.id] = index }
    }
}

extension PostingState {
    func account(_ number: AccountNumber) -> Int? { accountIndex[number] }
    func cashAccount(of currency: Currency) -> Int? { cashIndex[currency] }
    func hold(_ id: Identifier) -> Int? { holdIndex[id] }
    func record(_ id: Identifier) -> RecordedTransfer? { recordIndex[id].map { records[$0] } }
    func isReversed(_ id: Identifier) -> Bool { reversed.contains(id) }

    var changedAccounts: [(now: LockedAccount, before: LockedAccount)] {
        zip(accounts, accountsBefore).filter { $0 != $1 }.map { (now: $0, before: $1) }
    }
    var resolvedHolds: [Hold] { zip(holds, holdsBefore).filter { $0 != $1 }.map(\.0) }
    var newHolds: [Hold] { Array(holds.dropFirst(holdsBefore.count)) }
    var newRecords: [RecordedTransfer] { Array(records.dropFirst(recordsBefore)) }
}

extension PostingState {
    mutating func changeAccount(_ index: Int, _ change: (inout LockedAccount) -> Void) {
        steps.append(.account(index, was: accounts[index]))
        change(&accounts[index])
    }

    mutating func resolveHold(_ index: Int, as state: Hold.State, by request: Identifier?) {
        steps.append(.hold(index, was: holds[index]))
        holds[index].state = state
        holds[index].resolvedBy = request
    }

    mutating func add(_ hold: Hold) {
        steps.append(.newHold)
        holdIndex[hold.id] = holds.count
        holds.append(hold)
    }

    mutating func add(_ record: RecordedTransfer) {
        steps.append(.newRecord)
        recordIndex[record.id] = records.count
        records.append(record)
    }

    mutating func add(_ entry: Entry) {
        steps.append(.newEntry)
        entries.append(entry)
    }

    mutating func markReversed(_ id: Identifier) {
        steps.append(.reversal(of: id))
        reversed.insert(id)
    }

    /// What came before is not undone any more.
    mutating func beginGroup() { steps.removeAll(keepingCapacity: true) }

    /// Undoes what was changed since ``beginGroup()``.
    mutating func rollBack() {
        while let step = steps.popLast() {
            switch step {
            case .account(let index, let was): accounts[index] = was
            case .hold(let index, let was): holds[index] = was
            case .newHold: holdIndex[holds.removeLast().id] = nil
            case .newRecord: recordIndex[records.removeLast().id] = nil
            case .newEntry: entries.removeLast()
            case .reversal(let id): reversed.remove(id)
            }
        }
    }
}
