extension Posting {
    /// Frees what the holds that are due have promised.
    mutating func expireHolds() {
        for (index, hold) in state.holds.enumerated()
        where hold.state == .pending && hold.expiresAt <= now {
            guard let debit = state.account(hold.debit) else { continue }
            state.changeAccount(debit) { $0.held -= hold.amount.minorUnits }
            state.resolveHold(index, as: .expired, by: nil)
        }
    }

    /// Promises money; the id of the request is the hold's.
    mutating func hold(
        _ amount: Money, _ sides: Sides, until expiresAt: Timestamp, for record: RecordedTransfer
    ) throws(Refusal) {
        let (giving, taking) = (state.accounts[sides.debit], state.accounts[sides.credit])
        try checkAvailable(amount.minorUnits, of: giving)
        guard let held = Int64(exactly: Int128(giving.held) + Int128(amount.minorUnits)) else {
            throw .amountTooLarge
        }
        state.changeAccount(sides.debit) { $0.held = held }
        state.add(
            Hold(
                id: record.id, debit: giving.number, credit: taking.number, amount: amount,
                expiresAt: expiresAt))
    }

    /// Moves what a hold promised, or a part of it, and frees the rest.
    mutating func post(
        _ id: Identifier, _ part: Money?, for record: inout RecordedTransfer
    ) throws(Refusal) {
        let index = try pendingHold(id)
        let hold = state.holds[index]
        let amount = part ?? hold.amount
        guard amount.currency == hold.amount.currency else { throw .currencyMismatch }
        guard amount.minorUnits > 0 else { throw .amountNotPositive }
        guard amount.minorUnits <= hold.amount.minorUnits else { throw .amountExceedsHold }
        let sides = try sides(
            record.kind, debit: hold.debit, credit: hold.credit, amount: amount)
        try move(amount, sides, freeing: hold.amount.minorUnits, for: &record)
        state.resolveHold(index, as: .posted, by: record.id)
    }

    /// Frees what a hold promised.
    mutating func void(
        _ id: Identifier, for record: inout RecordedTransfer
    ) throws(Refusal) {
        let index = try pendingHold(id)
        let hold = state.holds[index]
        guard let debit = state.account(hold.debit) else { throw .accountUnknown }
        state.changeAccount(debit) { $0.held -= hold.amount.minorUnits }
        state.resolveHold(index, as: .voided, by: record.id)
        record.debit = hold.debit
        record.credit = hold.credit
        record.amount = hold.amount
    }

    private func pendingHold(_ id: Identifier) throws(Refusal) -> Int {
        guard let index = state.hold(id) else { throw .holdUnknown }
        switch state.holds[index].state {
        case .posted: throw .holdAlreadyPosted
        case .voided: throw .holdAlreadyVoided
        case .expired: throw .holdExpired
        case .pending: break
        }
        guard state.holds[index].expiresAt > now else { throw .holdExpired }
        return index
    }
}
