import Chain
import Ledger

@testable import BalanceService
@testable import LedgerTestSupport

/// The ledger in memory: does to its books what ``PostingStore`` does to PostgreSQL.
struct ModelStore {
    private(set) var books: BookKeeper
    /// The ids of what was recorded, in this order.
    private(set) var recorded: [Identifier] = []

    init(_ books: BookKeeper) { self.books = books }

    /// - Parameter clock: The database's, in microseconds since 1970.
    mutating func post(
        _ batch: PostingBatch, at now: ContinuousClock.Instant, clock: Int64
    ) -> [PostedGroup] {
        var posting = books.posting(of: batch.groups.flatMap(\.transfers), at: clock)
        var isLate = false
        let outcomes = batch.groups.map { group in
            isLate = group.deadline.instant <= now || isLate && group.follows
            return isLate && !batch.mayBeDone
                ? PostedGroup.late : .outcomes(posting.apply(group.transfers))
        }
        books.write(posting.changes)
        recorded += posting.changes.transfers.map(\.id)
        return outcomes
    }
}

extension BookKeeper {
    /// What is recorded of a request, as whoever asked may see it.
    func outcome(of request: TransferRequest) -> TransferOutcome? {
        guard let record = records[request.id] else { return nil }
        guard let asker = request.asker, record.refusal == nil else { return record.outcome }
        func owner(_ number: AccountNumber?) -> UserName? { number.flatMap { accounts[$0]?.owner } }
        return .done(
            record.shown(to: asker, payer: owner(record.debit), payee: owner(record.credit)))
    }

    /// As ``withPostingBank(customers:limit:_:)`` makes it: cash in USD and EUR, and customers in USD.
    static func postingBank(customers: ClosedRange<Int64>, limit: Int64) -> BookKeeper {
        var books = BookKeeper()
        let cash = [
            Sample.account(Sample.number(1), 0, limit: nil, kind: .cash),
            Sample.account(Sample.number(2), 0, currency: .eur, limit: nil, kind: .cash),
        ]
        let others = customers.map { number in
            Sample.account(
                Sample.number(number), 0, limit: limit,
                owner: number % 2 == 0 ? UserName("alice") : nil)
        }
        for account in cash + others { books.accounts[account.number] = account }
        return books
    }
}
