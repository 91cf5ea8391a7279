import Ledger

extension BookKeeper {
    /// What is wrong with the books, given how they began; empty when nothing is.
    func problems(since start: BookKeeper) -> [String] {
        var problems: [String] = []
        if totals != start.totals { problems.append("money was made or lost: \(totals)") }
        for account in accounts.values {
            let held = holds.values.filter { $0.debit == account.number && $0.state == .pending }
                .reduce(Int128(0)) { $0 + Int128($1.amount.minorUnits) }
            if held != Int128(account.held) { problems.append("held is not its holds: \(account)") }
            let left = Int128(account.balance) - Int128(account.held)
            if left < account.overdraftLimit.map({ -Int128($0) }) ?? Int128(Int64.min) {
                problems.append("below its limit: \(account)")
            }
            problems += gaps(in: account, since: start.accounts[account.number])
        }
        problems += records.values.filter { !isBalanced($0) }.map { "legs and entries: \($0)" }
        problems += holds.values.filter { !isResolved($0, start) }.map { "resolved by none: \($0)" }
        let undone = records.values.filter { $0.refusal == nil }.compactMap(\.reverses)
        if undone.count != Set(undone).count { problems.append("reversed twice") }
        return problems
    }

    private var totals: [Currency: Int128] {
        accounts.values.reduce(into: [:]) { $0[$1.currency, default: 0] += Int128($1.balance) }
    }

    /// Whether the account's entries lead from its first balance to its last, one version each.
    private func gaps(in account: LockedAccount, since start: LockedAccount?) -> [String] {
        guard var step = start.map({ ($0.balance, $0.version, $0.changedAt) }) else {
            return ["an account from nowhere: \(account)"]
        }
        for entry in entries where entry.account == account.number {
            let (balance, overflow) = step.0.addingReportingOverflow(entry.amount)
            guard !overflow, entry.balanceAfter == balance, entry.version == step.1 + 1,
                entry.postedAt >= step.2
            else { return ["an entry that does not follow: \(entry)"] }
            step = (balance, entry.version, entry.postedAt)
        }
        let isLast = step == (account.balance, account.version, account.changedAt)
        return isLast ? [] : ["not as its last entry: \(account)"]
    }

    private func isBalanced(_ record: RecordedTransfer) -> Bool {
        let entries = entries.filter { $0.transfer == record.id }
        guard record.refusal == nil, record.kind.movesMoney else {
            return entries.isEmpty && record.debitLeg == nil && record.creditLeg == nil
        }
        guard entries.count == 2, let amount = record.amount?.minorUnits else { return false }
        let legs = entries.map {
            RecordedTransfer.Leg(version: $0.version, balanceAfter: $0.balanceAfter)
        }
        return entries.map(\.amount) == [-amount, amount]
            && entries.map(\.account) == [record.debit, record.credit]
            && legs == [record.debitLeg, record.creditLeg]
    }

    private func isResolved(_ hold: Hold, _ start: BookKeeper) -> Bool {
        if hold == start.holds[hold.id] { return true }
        let by = hold.resolvedBy.flatMap { records[$0] }
        switch hold.state {
        case .pending, .expired: return hold.resolvedBy == nil
        case .posted: return by?.kind == .post && by?.refusal == nil && by?.hold == hold.id
        case .voided: return by?.kind == .void && by?.refusal == nil && by?.hold == hold.id
        }
    }
}
