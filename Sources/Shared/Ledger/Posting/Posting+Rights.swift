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
            guard may(asker, .deposit, from: nil, to: credit) else { throw .accountUnknown }
        case .withdrawal(let debit, _):
            guard may(asker, .withdraw, from: debit, to: nil) else { throw .accountUnknown }
        case .post(let id, _), .void(let id):
            let act: Act = request.kind == .post ? .post : .void
            guard let hold = state.hold(id).map({ state.holds[$0] }),
                may(asker, act, from: hold.debit, to: hold.credit)
            else { throw .holdUnknown }
        case .reversal(let id):
            guard let subject = state.record(id) else { throw .transferUnknown }
            // To take cash in or hand it out again is as much as to do it first.
            let act: Act =
                switch subject.kind {
                case .deposit: .withdraw
                case .withdrawal: .deposit
                default: .reverse
                }
            guard may(asker, act, from: subject.debit, to: subject.credit)
            else { throw .transferUnknown }
        }
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
