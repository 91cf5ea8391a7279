extension Posting {
    /// Does what is asked, or throws before anything has changed.
    mutating func carryOut(_ request: TransferRequest) throws(Refusal) -> RecordedTransfer {
        try checkRights(of: request)
        var record = request.asked(at: now)
        switch request.action {
        case .transfer(let debit, let credit, let amount):
            try checkSize(of: amount)
            let sides = try sides(record.kind, debit: debit, credit: credit, amount: amount)
            try move(amount, sides, for: &record)
        case .deposit(let credit, let amount):
            let cash = try cashAccount(for: credit, amount: amount)
            let sides = try sides(record.kind, debit: cash, credit: credit, amount: amount)
            try move(amount, sides, for: &record)
        case .withdrawal(let debit, let amount):
            let cash = try cashAccount(for: debit, amount: amount)
            let sides = try sides(record.kind, debit: debit, credit: cash, amount: amount)
            try move(amount, sides, for: &record)
        case .hold(let debit, let credit, let amount, let seconds):
            try checkSize(of: amount)
            let sides = try sides(record.kind, debit: debit, credit: credit, amount: amount)
            try hold(amount, sides, until: now.adding(seconds: seconds), for: record)
        case .post(let hold, let amount):
            try post(hold, amount, for: &record)
        case .void(let hold):
            try void(hold, for: &record)
        case .reversal(let transfer):
            try reverse(transfer, for: &record)
        }
        return record
    }

    /// The account that a customer's cash comes from or goes to.
    private func cashAccount(
        for customer: AccountNumber, amount: Money
    ) throws(Refusal) -> AccountNumber {
        try checkSize(of: amount)
        guard let customer = state.account(customer) else { throw .accountUnknown }
        guard let cash = state.cashAccount(of: amount.currency) else {
            let isSame = state.accounts[customer].currency == amount.currency
            throw isSame ? .accountUnknown : .currencyMismatch
        }
        return state.accounts[cash].number
    }

    private mutating func reverse(
        _ transfer: Identifier, for record: inout RecordedTransfer
    ) throws(Refusal) {
        guard let subject = state.record(transfer), subject.refusal == nil,
            subject.kind.movesMoney, let debit = subject.debit, let credit = subject.credit,
            let amount = subject.amount
        else { throw .transferUnknown }
        guard !state.isReversed(transfer) else { throw .alreadyReversed }
        let sides = try sides(record.kind, debit: credit, credit: debit, amount: amount)
        try move(amount, sides, for: &record)
        state.markReversed(transfer)
    }
}
