extension Posting {
    /// The two accounts of a transfer, by where the state has them.
    struct Sides {
        let debit: Int
        let credit: Int
    }

    /// Checks an amount that is asked for anew; a hold or a transfer of before may be of more.
    func checkSize(of amount: Money) throws(Refusal) {
        guard amount.minorUnits > 0 else { throw .amountNotPositive }
        guard amount.minorUnits <= LedgerLimits.transfer else { throw .amountTooLarge }
    }

    /// The accounts, when they may have such a transfer between them.
    func sides(
        _ kind: TransferKind, debit: AccountNumber, credit: AccountNumber, amount: Money
    ) throws(Refusal) -> Sides {
        guard debit != credit else { throw .sameAccount }
        guard let debit = state.account(debit), let credit = state.account(credit) else {
            throw .accountUnknown
        }
        let (giving, taking) = (state.accounts[debit], state.accounts[credit])
        guard kind.isAllowed(from: giving.kind, to: taking.kind) else { throw .accountIsCash }
        guard !giving.isClosed, !taking.isClosed else { throw .accountClosed }
        guard giving.currency == amount.currency, taking.currency == amount.currency else {
            throw .currencyMismatch
        }
        return Sides(debit: debit, credit: credit)
    }

    /// Checks the limit, and that no more is owed than ``LedgerLimits`` allow, or than was before.
    ///
    /// - Parameter freed: What is no longer held once this is done, in minor units.
    func checkAvailable(
        _ amount: Int64, of account: LockedAccount, freed: Int64 = 0
    ) throws(Refusal) {
        let before = Int128(account.balance) - Int128(account.held)
        let left = before + Int128(freed) - Int128(amount)
        if let limit = account.overdraftLimit, left < -Int128(limit) { throw .insufficientFunds }
        guard left >= min(before, -Int128(LedgerLimits.balance)) else { throw .amountTooLarge }
    }

    /// Makes the two entries, and completes the record with them.
    ///
    /// They are posted now or, where one of the two accounts has seen a later time, at that: time does
    /// not go back in an account even when the clock does.
    ///
    /// - Parameter freed: What the debit account no longer holds once this is done, in minor units.
    mutating func move(
        _ amount: Money, _ sides: Sides, freeing freed: Int64 = 0,
        for record: inout RecordedTransfer
    ) throws(Refusal) {
        let (giving, taking) = (state.accounts[sides.debit], state.accounts[sides.credit])
        let units = Int128(amount.minorUnits)
        try checkAvailable(amount.minorUnits, of: giving, freed: freed)
        guard let given = Int64(exactly: Int128(giving.balance) - units),
            let taken = Int64(exactly: Int128(taking.balance) + units),
            taken <= LedgerLimits.balance
        else { throw .amountTooLarge }

        if freed != 0 { state.changeAccount(sides.debit) { $0.held -= freed } }
        record.debit = giving.number
        record.credit = taking.number
        record.amount = amount
        let time = max(now, giving.changedAt, taking.changedAt)
        record.debitLeg = enter(
            -amount.minorUnits, on: sides.debit, giving: given, at: time, for: record.id)
        record.creditLeg = enter(
            amount.minorUnits, on: sides.credit, giving: taken, at: time, for: record.id)
    }

    private mutating func enter(
        _ amount: Int64, on account: Int, giving balance: Int64, at time: Timestamp,
        for transfer: Identifier
    ) -> RecordedTransfer.Leg {
        state.changeAccount(account) {
            $0.balance = balance
            $0.version += 1
            $0.changedAt = time
        }
        let number = state.accounts[account].number
        let version = state.accounts[account].version
        state.add(
            Entry(
                account: number, version: version, amount: amount, balanceAfter: balance,
                postedAt: time, transfer: transfer))
        return RecordedTransfer.Leg(version: version, balanceAfter: balance)
    }
}
