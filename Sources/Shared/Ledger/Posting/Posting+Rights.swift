extension Posting {
    /// Checks that whoever asks may do it, before anything else is looked at: what is not hers does not exist
    /// for her, and neither does the bank's own cash.
    func checkRights(of request: TransferRequest) throws(Refusal) {
        guard let asker = request.asker else { return }
        switch request.action {
        case .transfer(let debit, let credit, _), .hold(let debit, let credit, _, _):
            let act: Act = request.kind == .hold ? .hold : .transfer
            guard may(asker, act, from: debit, to: credit), !isCash(debit), !isCash(credit)
            else { throw .accountUnknown }
        case .deposit(let credit, _):
            try checkCash(asker, .deposit, of: credit)
        case .withdrawal(let debit, _):
            try checkCash(asker, .withdraw, of: debit)
        case .post(let id, _), .void(let id):
            let act: Act = request.kind == .post ? .post : .void
            guard let hold = state.hold(id).map({ state.holds[$0] }) else { throw .holdUnknown }
            try check(asker, act, from: hold.debit, to: hold.credit, elseUnknown: .holdUnknown)
        case .reversal(let id):
            guard let subject = state.record(id), subject.refusal == nil else {
                throw .transferUnknown
            }
            // To take cash in or hand it out again is as much as to do it first.
            let act: Act =
                if let debit = subject.debit, isCash(debit) {
                    .withdraw
                } else if let credit = subject.credit, isCash(credit) {
                    .deposit
                } else {
                    .reverse
                }
            try check(
                asker, act, from: subject.debit, to: subject.credit, elseUnknown: .transferUnknown)
        }
    }

    /// - Parameter unknown: What it is for somebody who may not see it either.
    private func check(
        _ asker: Asker, _ act: Act, from debit: AccountNumber?, to credit: AccountNumber?,
        elseUnknown unknown: Refusal
    ) throws(Refusal) {
        guard !may(asker, act, from: debit, to: credit) else { return }
        throw may(asker, .readTransfer, from: debit, to: credit) ? .forbidden : unknown
    }

    /// Whether whoever asks may learn what a request of this content came to. A record without a name is older
    /// than people.
    func mayRepeat(_ request: TransferRequest, _ record: RecordedTransfer) -> Bool {
        guard let asker = request.asker, asker.name != nil, record.requestedBy == nil
        else { return true }
        return may(asker, .readTransfer, from: record.debit, to: record.credit)
    }

    /// Outcomes as those who asked may see them.
    func shown(_ outcomes: [TransferOutcome], to group: [TransferRequest]) -> [TransferOutcome] {
        zip(outcomes, group).map { outcome, request in
            guard case .done(let record) = outcome, let asker = request.asker else {
                return outcome
            }
            return .done(
                record.shown(
                    to: asker, payer: account(record.debit)?.owner,
                    payee: account(record.credit)?.owner))
        }
    }

    private func checkCash(_ asker: Asker, _ act: Act, of number: AccountNumber) throws(Refusal) {
        guard !asker.may(act) else { return }
        let isHers = asker.may(.readAccount, owner: account(number)?.owner)
        throw isHers ? .forbidden : .accountUnknown
    }

    private func may(
        _ asker: Asker, _ act: Act, from debit: AccountNumber?, to credit: AccountNumber?
    ) -> Bool {
        asker.may(act, payer: account(debit)?.owner, payee: account(credit)?.owner)
    }

    private func isCash(_ number: AccountNumber) -> Bool {
        account(number).map { !$0.kind.rules.isCustomers } ?? false
    }

    private func account(_ number: AccountNumber?) -> LockedAccount? {
        number.flatMap { state.account($0) }.map { state.accounts[$0] }
    }
}

extension RecordedTransfer {
    /// Without the balances of accounts that are not the asker's to read.
    ///
    /// - Parameters:
    ///   - payer: The owner of the account that it debits.
    ///   - payee: Of the one that it credits.
    public func shown(to asker: Asker, payer: UserName?, payee: UserName?) -> RecordedTransfer {
        var record = self
        if !asker.may(.readAccount, owner: payer) { record.debitLeg = nil }
        if !asker.may(.readAccount, owner: payee) { record.creditLeg = nil }
        return record
    }

    /// Whether the asker may learn of it: of what was refused only who asked for it, or, when that is older
    /// than people, whose money it was about.
    public func isReadable(by asker: Asker, payer: UserName?, payee: UserName?) -> Bool {
        if asker.name != nil, requestedBy == asker.name { return true }
        if refusal != nil, requestedBy != nil { return asker.may(.listAccounts) }
        return asker.may(.readTransfer, payer: payer, payee: payee)
    }
}
