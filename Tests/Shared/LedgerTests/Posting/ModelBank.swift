import Ledger

@testable import LedgerTestSupport

/// The rules of the ledger a second time, as plainly as they can be written: everything in arrays that
/// are searched, each request tried on a copy that is thrown away when a rule is broken afterwards.
struct ModelBank {
    struct Account {
        var number: AccountNumber
        var currency: Currency
        var kind: AccountKind
        var owner: UserName?
        var isClosed: Bool
        var limit: Int128?
        var balance: Int128
        var version: Int64
        var changedAt: Int64
    }

    var accounts: [Account]
    var holds: [Hold]
    var done: [RecordedTransfer] = []
    var entries: [Entry] = []
    /// Every request that got an outcome to keep, with that.
    var asked: [(request: TransferRequest, outcome: TransferOutcome)] = []
    var now: Int64 = 0
    /// Before the request that is tried.
    var before: [AccountNumber: (balance: Int128, available: Int128)] = [:]

    init(_ bank: BookKeeper) {
        accounts = bank.accounts.values.map {
            Account(
                number: $0.number, currency: $0.currency, kind: $0.kind, owner: $0.owner,
                isClosed: $0.isClosed,
                limit: $0.overdraftLimit.map { Int128($0) }, balance: Int128($0.balance),
                version: $0.version, changedAt: $0.changedAt.microseconds)
        }
        holds = Array(bank.holds.values)
    }

    mutating func startPosting(at clock: Int64) {
        now = clock
        holds = holds.map { $0.state == .pending && $0.isDue(at: now) ? $0.with(.expired) : $0 }
    }

    /// Worked out from the holds, not kept.
    func held(by number: AccountNumber) -> Int128 {
        holds.filter { $0.debit == number && $0.state == .pending }
            .reduce(0) { $0 + Int128($1.amount.minorUnits) }
    }

    // MARK: - Groups

    mutating func ask(_ group: [TransferRequest]) -> [TransferOutcome] {
        let outcomes = outcomes(of: group)
        return zip(outcomes, group).map { told($0, to: $1.asker) }
    }

    private mutating func outcomes(of group: [TransferRequest]) -> [TransferOutcome] {
        let before = self
        var outcomes: [TransferOutcome] = []
        for request in group {
            outcomes.append(ask(request))
            guard group.count > 1, let refusal = outcomes.last?.refusal else { continue }
            let culprit = outcomes.count - 1
            self = before
            outcomes = []
            for (index, request) in group.enumerated() {
                let own: TransferOutcome = .refused(index == culprit ? refusal : .linkedRefused)
                outcomes.append(earlier(request) ?? own)
                if earlier(request) == nil { asked.append((request, own)) }
            }
            return outcomes
        }
        return outcomes
    }

    private mutating func ask(_ request: TransferRequest) -> TransferOutcome {
        if let outcome = earlier(request) { return outcome }
        var trial = self
        let outcome = trial.attempt(request)
        if outcome.refusal == nil { self = trial }
        asked.append((request, outcome))
        return outcome
    }

    private func earlier(_ request: TransferRequest) -> TransferOutcome? {
        guard let known = asked.first(where: { $0.request.id == request.id }) else {
            let reserved = ["0", "f"].map { digit in
                "8-4-4-4-12".split(separator: "-").compactMap { Int($0) }
                    .map { String(repeating: digit, count: $0) }.joined(separator: "-")
            }
            return reserved.contains(request.id.description) ? .refused(.idInvalid) : nil
        }
        var (then, now) = (known.request, request)
        if known.outcome.refusal == nil { (then, now) = (named(then), named(now)) }
        // By whom, and not with which rights; of before there were people, by nobody.
        let isSame =
            then.asker?.name == nil
            ? isTold(known.request, known.outcome, to: now.asker)
            : then.asker?.name == now.asker?.name
        (then.asker, now.asker) = (nil, nil)
        return isSame && then == now ? known.outcome : .refused(.idUsedWithOtherContent)
    }

    /// The request to post a whole hold, with the amount that this means.
    private func named(_ request: TransferRequest) -> TransferRequest {
        guard case .post(let id, nil) = request.action else { return request }
        var named = request
        named.action = .post(hold: id, amount: holds.first { $0.id == id }?.amount)
        return named
    }
}

extension Hold {
    func isDue(at now: Int64) -> Bool { expiresAt.microseconds <= now }

    func with(_ state: State, by id: Identifier? = nil) -> Hold {
        Hold(
            id: self.id, debit: debit, credit: credit, amount: amount, expiresAt: expiresAt,
            state: state, resolvedBy: id)
    }
}
