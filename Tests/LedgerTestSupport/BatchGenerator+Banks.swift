import Ledger

extension BatchGenerator {
    mutating func bank() -> BookKeeper {
        var bank = BookKeeper()
        let isWide = chance(40)
        let bound = LedgerLimits.balance
        let least = isWide ? pick([Int64.min, -bound]) : -1000
        add(
            Self.cash.usd, nil, [least, least + number(0...50), 0, bound - 10, .max - 10],
            to: &bank,
            kind: .cash)
        if chance(50) { add(Self.cash.eur, nil, [0], currency: .eur, to: &bank, kind: .cash) }
        for customer in Self.customers {
            let limit = isWide ? pick([0, 50, bound, Int64.max]) : pick([0, 0, 50])
            let most = isWide ? pick([bound, bound + 10, Int64.max]) : 100
            add(
                customer, limit, [number(0...60), most - number(0...60), 30 - limit, -limit],
                to: &bank)
        }
        add(Sample.number(14), 0, [40], currency: .eur, to: &bank)
        add(Sample.number(15), 0, [40], currency: .eur, to: &bank)
        bank.accounts[Sample.closed] = Sample.account(Sample.closed, 0, isClosed: true)
        for number in 0..<number(0...4) {
            addHold(Identifier(high: 1, low: UInt64(number)), to: &bank)
        }
        return bank
    }

    private mutating func add(
        _ account: AccountNumber, _ limit: Int64?, _ balances: [Int64],
        currency: Currency = .usd, to bank: inout BookKeeper, kind: AccountKind = .customer
    ) {
        let balance = pick(balances)
        edges += [balance, balance &+ 1, Int64.max &- balance, balance &- .min].filter { $0 > 0 }
        bank.accounts[account] = Sample.account(
            account, balance, currency: currency, limit: limit, kind: kind,
            owner: kind == .cash
                ? nil : pick([UserName("alice"), UserName("alice"), UserName("bruno"), nil]),
            changedAt: number(0...2_000_000))
    }

    private mutating func addHold(_ id: Identifier, to bank: inout BookKeeper) {
        let debit = pick(Self.customers + [Self.cash.usd])
        let credit = pick((Self.customers + [Sample.closed]).filter { $0 != debit })
        let state = pick([Hold.State.pending, .pending, .pending, .posted, .voided, .expired])
        let hold = Hold(
            id: id, debit: debit, credit: credit,
            amount: usd(chance(80) ? number(1...20) : .max / 3),
            expiresAt: Timestamp(microseconds: clock()), state: state,
            resolvedBy: state == .posted || state == .voided ? Identifier(high: 2, low: 0) : nil)
        guard state == .pending, let account = bank[debit] else {
            bank.holds[id] = hold
            return
        }
        let held = Int128(account.held) + Int128(hold.amount.minorUnits)
        let left = Int128(account.balance) - held
        let least = account.overdraftLimit.map { -Int128($0) } ?? Int128(Int64.min)
        guard let held = Int64(exactly: held), left >= least else { return }
        bank.holds[id] = hold
        bank.accounts[debit] = LockedAccount(
            number: debit, currency: account.currency, kind: account.kind,
            owner: account.owner, overdraftLimit: account.overdraftLimit, balance: account.balance,
            held: held,
            version: 0, changedAt: account.changedAt)
    }
}
