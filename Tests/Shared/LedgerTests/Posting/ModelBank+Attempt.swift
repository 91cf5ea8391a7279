import Ledger

@testable import LedgerTestSupport

extension ModelBank {
    /// The outcome of a request on this copy, which may be left in any state when it is refused.
    mutating func attempt(_ request: TransferRequest) -> TransferOutcome {
        var record = RecordedTransfer(
            id: request.id, kind: request.kind, requestedBy: request.asker?.name,
            memo: request.memo, createdAt: Timestamp(microseconds: now))
        for account in accounts {
            before[account.number] = (
                account.balance, account.balance - held(by: account.number)
            )
        }
        if let refusal = barred(request) { return .refused(refusal) }
        let refusal: Refusal?
        switch request.action {
        case .transfer(let debit, let credit, let amount):
            refusal = shift(debit, credit, amount, &record)
        case .deposit(let customer, let amount):
            refusal = shift(cash(customer, amount), customer, amount, &record)
        case .withdrawal(let customer, let amount):
            refusal = shift(customer, cash(customer, amount), amount, &record)
        case .hold(let debit, let credit, let amount, let seconds):
            record.holdSeconds = seconds
            refusal = promise(debit, credit, amount, seconds, &record)
        case .post(let id, let amount):
            refusal = resolve(id, .posted, amount, &record)
        case .void(let id):
            refusal = resolve(id, .voided, nil, &record)
        case .reversal(let id):
            refusal = undo(id, &record)
        }
        if let refusal { return .refused(refusal) }
        done.append(record)
        return .done(record)
    }

    /// What a customer may not do: her own money out, what was held for her or paid to her back.
    private func barred(_ request: TransferRequest) -> Refusal? {
        guard let asker = request.asker else { return nil }
        var isOperator = false
        if case .person(_, true) = asker { isOperator = true }
        func isHers(_ number: AccountNumber?) -> Bool { maySee(number, asker) }
        switch request.action {
        case .transfer(let debit, let credit, _), .hold(let debit, let credit, _, _):
            let isOfBank = [debit, credit].contains { account($0)?.kind == .cash }
            return isHers(debit) && !isOfBank ? nil : .accountUnknown
        case .deposit(let number, _), .withdrawal(let number, _):
            return isOperator ? nil : isHers(number) ? .forbidden : .accountUnknown
        case .post(let id, _), .void(let id):
            guard let hold = holds.first(where: { $0.id == id }) else { return .holdUnknown }
            if isHers(hold.credit) { return nil }
            return isHers(hold.debit) ? .forbidden : .holdUnknown
        case .reversal(let id):
            guard let subject = done.first(where: { $0.id == id }) else { return .transferUnknown }
            if [subject.debit, subject.credit].contains(where: { account($0)?.kind == .cash }) {
                if isOperator { return nil }
            } else if isHers(subject.credit) {
                return nil
            }
            return isHers(subject.debit) || isHers(subject.credit) ? .forbidden : .transferUnknown
        }
    }

    private func maySee(_ number: AccountNumber?, _ asker: Asker) -> Bool {
        if case .person(_, true) = asker { return true }
        let owner = account(number)?.owner
        return owner != nil && owner == asker.name
    }

    /// What was done, without the balances of others.
    func told(_ outcome: TransferOutcome, to asker: Asker?) -> TransferOutcome {
        guard case .done(var record) = outcome, let asker else { return outcome }
        if !maySee(record.debit, asker) { record.debitLeg = nil }
        if !maySee(record.credit, asker) { record.creditLeg = nil }
        return .done(record)
    }

    /// Whether it is told to somebody what a request without a name came to.
    func isTold(_ request: TransferRequest, _ outcome: TransferOutcome, to asker: Asker?) -> Bool {
        guard let asker, asker.name != nil else { return true }
        if case .done(let record) = outcome {
            return maySee(record.debit, asker) || maySee(record.credit, asker)
        }
        if case .person(_, true) = asker { return true }
        return request.namedAccounts.contains { maySee($0, asker) }
    }

    private mutating func shift(
        _ debit: AccountNumber?, _ credit: AccountNumber?, _ amount: Money,
        _ record: inout RecordedTransfer
    ) -> Refusal? {
        if let refusal = objection(debit, credit, amount, record.kind) { return refusal }
        let time = accounts.filter { $0.number == debit || $0.number == credit }
            .map(\.changedAt).reduce(now, max)
        for index in accounts.indices {
            let number = accounts[index].number
            guard number == debit || number == credit else { continue }
            accounts[index].balance += Int128(amount.minorUnits) * (number == debit ? -1 : 1)
            accounts[index].version += 1
            accounts[index].changedAt = time
        }
        (record.debit, record.credit, record.amount) = (debit, credit, amount)
        if let refusal = brokenRule() { return refusal }
        record.debitLeg = enter(debit, -amount.minorUnits, record)
        record.creditLeg = enter(credit, amount.minorUnits, record)
        return nil
    }

    private mutating func enter(
        _ number: AccountNumber?, _ amount: Int64, _ record: RecordedTransfer
    ) -> RecordedTransfer.Leg? {
        accounts.first { $0.number == number }.map { account in
            let balance = Int64(account.balance)
            entries.append(
                Entry(
                    account: account.number, version: account.version, amount: amount,
                    balanceAfter: balance, postedAt: Timestamp(microseconds: account.changedAt),
                    transfer: record.id))
            return .init(version: account.version, balanceAfter: balance)
        }
    }

    private mutating func promise(
        _ debit: AccountNumber, _ credit: AccountNumber, _ amount: Money, _ seconds: Int64,
        _ record: inout RecordedTransfer
    ) -> Refusal? {
        if let refusal = objection(debit, credit, amount, record.kind) { return refusal }
        holds.append(
            Hold(
                id: record.id, debit: debit, credit: credit, amount: amount,
                expiresAt: Timestamp(microseconds: now + seconds * 1_000_000)))
        (record.debit, record.credit, record.amount) = (debit, credit, amount)
        return brokenRule()
    }

    private mutating func resolve(
        _ id: Identifier, _ state: Hold.State, _ part: Money?, _ record: inout RecordedTransfer
    ) -> Refusal? {
        guard let index = holds.firstIndex(where: { $0.id == id }) else { return .holdUnknown }
        let hold = holds[index]
        let refusals: [Hold.State: Refusal] = [
            .posted: .holdAlreadyPosted, .voided: .holdAlreadyVoided, .expired: .holdExpired,
        ]
        if let refusal = refusals[hold.state] { return refusal }
        let amount = part ?? hold.amount
        if amount.currency != hold.amount.currency { return .currencyMismatch }
        if amount.minorUnits < 1 { return .amountNotPositive }
        if amount.minorUnits > hold.amount.minorUnits { return .amountExceedsHold }
        holds[index] = hold.with(state, by: record.id)
        record.hold = id
        (record.debit, record.credit, record.amount) = (hold.debit, hold.credit, amount)
        return state == .posted ? shift(hold.debit, hold.credit, amount, &record) : nil
    }

    private mutating func undo(
        _ id: Identifier, _ record: inout RecordedTransfer
    ) -> Refusal? {
        guard let subject = done.first(where: { $0.id == id && $0.debitLeg != nil }),
            let amount = subject.amount
        else { return .transferUnknown }
        if done.contains(where: { $0.reverses == id }) { return .alreadyReversed }
        record.reverses = id
        return shift(subject.credit, subject.debit, amount, &record)
    }
}

extension ModelBank {
    private func account(_ number: AccountNumber?) -> Account? {
        accounts.first { $0.number == number }
    }

    private func cash(_ customer: AccountNumber, _ amount: Money) -> AccountNumber? {
        accounts.first { $0.kind == .cash && $0.currency == amount.currency }?.number
    }

    /// What can be said before anything is tried; a nil number is a cash account the bank has not.
    private func objection(
        _ debit: AccountNumber?, _ credit: AccountNumber?, _ amount: Money, _ kind: TransferKind
    ) -> Refusal? {
        if amount.minorUnits < 1 { return .amountNotPositive }
        let isNew = kind != .post && kind != .reversal
        if isNew, amount.minorUnits > 1_000_000_000_000_000 { return .amountTooLarge }
        if debit == credit { return .sameAccount }
        let found = [debit, credit].compactMap { account($0) }
        if debit == nil || credit == nil, let customer = found.first {
            return customer.currency == amount.currency ? .accountUnknown : .currencyMismatch
        }
        if found.count < 2 { return .accountUnknown }
        let cash = [debit, credit].filter { account($0)?.kind == .cash }
        switch kind {
        case .deposit: if cash != [debit] { return .accountIsCash }
        case .withdrawal: if cash != [credit] { return .accountIsCash }
        case .reversal: break
        default: if !cash.isEmpty { return .accountIsCash }
        }
        if found.contains(where: \.isClosed) { return .accountClosed }
        return found.allSatisfy { $0.currency == amount.currency } ? nil : .currencyMismatch
    }

    /// What is now wrong anywhere, the limit first.
    private func brokenRule() -> Refusal? {
        for account in accounts {
            guard let limit = account.limit else { continue }
            if account.balance - held(by: account.number) + limit < 0 { return .insufficientFunds }
        }
        for account in accounts {
            let held = held(by: account.number)
            let available = account.balance - held
            guard let before = before[account.number] else { continue }
            let bound = Int128(1) << 62
            if account.balance > bound, account.balance > before.balance { return .amountTooLarge }
            if available < -bound, available < before.available { return .amountTooLarge }
            if held > Int128(Int64.max) { return .amountTooLarge }
        }
        return nil
    }
}
