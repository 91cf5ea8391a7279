import BankAPI
import BankClient
import Ledger

/// Says of a refusal which account it is about, what there is, and what was requested: the bank says only
/// why. It is read after the refusal, so it is of now.
struct RefusalDetail: Sendable {
    let client: BankClient

    /// The same failure with more words, where there are any.
    func explain(_ error: TellerError, of write: BankWrite) async -> TellerError {
        guard error.status == .refused, let code = error.code.flatMap(Refusal.init) else {
            return error
        }
        let words: String? =
            switch write {
            case .transfer(let request): await self.words(code, request)
            case .close(let number, _): await self.words(code, closing: number)
            case .open, .linked, .other: nil
            }
        var explained = error
        if let words { explained.what = "refused: \(words)" }
        return explained
    }

    private func words(_ code: Refusal, _ request: TransferRequest) async -> String? {
        switch request.action {
        case .transfer(let debit, _, let amount), .withdrawal(let debit, let amount),
            .hold(let debit, _, let amount, _):
            // Another's account is not there for whoever pays, who has only so many such tries.
            let named = code == .insufficientFunds ? [debit] : request.namedAccounts
            return Self.words(code, await accounts(named), paying: debit, amount)
        case .deposit(_, let amount):
            return Self.words(code, await accounts(request.namedAccounts), paying: nil, amount)
        case .post(let hold, let amount?):
            guard code == .amountExceedsHold,
                let held = try? await client.transfer(hold).record?.amount
            else { return nil }
            return "the hold is for \(held.forPeople), but \(amount.forPeople) was requested"
        case .post, .void, .reversal: return nil
        }
    }

    private func words(_ code: Refusal, closing number: AccountNumber) async -> String? {
        let name = number.grouped
        switch (code, await accounts([number]).first ?? nil) {
        case (.accountNotEmpty, let account?):
            return "\(name) has a balance of \(account.balance.forPeople)"
        case (.accountHasHolds, let account?): return "\(name) has \(account.held.forPeople) held"
        case (.accountClosed, _): return "\(name) is closed already"
        case (.accountUnknown, _): return "\(name): no account has this number"
        default: return nil
        }
    }

    /// Each account, as far as the bank tells; `nil` where it does not.
    private func accounts(_ numbers: [AccountNumber]) async -> [Account?] {
        await numbers.concurrentMap(atOnce: BankClient.mostAtOnce) { [client] in
            try? await client.account($0)
        }
    }

    /// - Parameter debit: the account that pays, unless it is the bank's cash.
    static func words(
        _ code: Refusal, _ accounts: [Account?], paying debit: AccountNumber?, _ amount: Money
    ) -> String? {
        let found = accounts.compactMap(\.self)
        switch code {
        case .insufficientFunds:
            return found.first { $0.account == debit }.map { lacking($0, amount) }
        case .accountClosed:
            let closed = found.filter { $0.closedAt != nil }.map(\.account.grouped)
            guard !closed.isEmpty else { return nil }
            return closed.joined(separator: " and ") + (closed.count == 1 ? " is" : " are")
                + " closed"
        case .currencyMismatch:
            let others = found.filter { $0.balance.currency != amount.currency }
            guard let other = others.first else { return nil }
            return "\(other.account.grouped) is in \(other.balance.currency.code), but "
                + "\(amount.forPeople) was requested"
        default: return nil
        }
    }

    private static func lacking(_ account: Account, _ amount: Money) -> String {
        guard let available = account.available, let limit = account.overdraftLimit,
            amount.currency == available.currency,
            let most = try? available.adding(limit)
        else { return "\(account.account.grouped) did not have enough available" }
        guard most.minorUnits < amount.minorUnits else {
            return "\(account.account.grouped) did not have enough for \(amount.forPeople): it has "
                + "\(available.forPeople) available now"
        }
        let withLimit =
            limit.minorUnits == 0 ? "" : ", \(most.formatted) with its overdraft limit"
        return "\(account.account.grouped) has \(available.forPeople) available\(withLimit), but "
            + "\(amount.forPeople) was requested"
    }
}
