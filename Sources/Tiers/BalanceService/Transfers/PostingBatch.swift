import Chain
import Ledger

/// Requests that are done all or none.
struct PostingGroup: Sendable {
    var transfers: [TransferRequest]
    /// When its caller stops waiting: past it nothing is begun.
    var deadline: Deadline
    /// Whether the group before it is of the same caller, who wants them done in this order.
    var follows = false
    /// Of whoever asks, and must have the right to; nil where nobody has to say so.
    var session: CallerSession?

    /// - Parameter session: Without a default: to forget it would be to let everybody.
    init(
        transfers: [TransferRequest], deadline: Deadline, follows: Bool = false,
        session: CallerSession?
    ) {
        self.transfers = transfers
        self.deadline = deadline
        self.follows = follows
        self.session = session
    }
}

extension [PostingGroup] {
    /// Those at some places, in order: each follows only whom it still stands behind.
    func picked(_ places: [Int]) -> [PostingGroup] {
        var last: Int?
        return places.map { place in
            defer { last = place }
            var group = self[place]
            group.follows = group.follows && last == place - 1
            return group
        }
    }
}

/// What is posted in one transaction.
struct PostingBatch: Sendable {
    var groups: [PostingGroup]
    /// An earlier transaction may have done some of it: then deadlines do not count any more, and what
    /// has become of each group is found out.
    var mayBeDone = false

    /// When the last of the callers stops waiting.
    var deadline: Deadline { groups.map(\.deadline).max() ?? .after(.zero) }
}

/// What the statements of a batch have to look for.
struct PostingSubjects: Sendable {
    /// The ten digits of the accounts that the requests name.
    private(set) var accounts: Set<Int64> = []
    /// Those whose cash account is concerned.
    private(set) var currencies: Set<String> = []
    /// The requests' ids.
    private(set) var requests: Set<Identifier> = []
    /// The holds and transfers that the requests are about.
    private(set) var transfers: Set<Identifier> = []
    /// The hashes of the tokens of those who ask.
    private(set) var sessions: Set<String> = []

    init(of batch: PostingBatch) {
        sessions = Set(batch.groups.lazy.compactMap { $0.session?.hash })
        for request in batch.groups.lazy.flatMap(\.transfers) {
            for account in request.namedAccounts { accounts.insert(account.number) }
            if let currency = request.cashCurrency { currencies.insert(currency.code) }
            if let subject = request.subject { transfers.insert(subject) }
            requests.insert(request.id)
        }
    }
}
