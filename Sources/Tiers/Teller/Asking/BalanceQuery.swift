import BankAPI
import BankClient
import Ledger

/// Asks for several balances, some at a time.
struct BalanceQuery: Sendable {
    typealias Outcome = Result<Answer<Balance>, TellerError>

    let client: BankClient
    var state = BalanceState.now

    /// - Returns: an outcome for each account, in order.
    func run(_ accounts: [AccountNumber]) async -> [Outcome] {
        if let account = accounts.first, accounts.count == 1 { return [await ask(account)] }
        return await accounts.concurrentMap(atOnce: BankClient.mostAtOnce) { await ask($0) }
    }

    private func ask(_ account: AccountNumber) async -> Outcome {
        do throws(TellerError) {
            return .success(try await asking(await client.balance(of: account, state)))
        } catch {
            return .failure(error.of(state))
        }
    }

    /// The failures, each with its account; without it of one account only, or where
    /// all failed for one reason that is not theirs, such as a server that is not there.
    static func failures(of outcomes: [Outcome], _ accounts: [AccountNumber]) -> [TellerError] {
        var errors: [TellerError] = []
        var named: [TellerError] = []
        for (account, outcome) in zip(accounts, outcomes) {
            guard case .failure(let error) = outcome else { continue }
            errors.append(error)
            named.append(error.about(account.grouped))
        }
        guard let first = errors.first, first.status != .noUser else { return named }
        let isOneReason = errors.count == accounts.count && errors.allSatisfy { $0 == first }
        return isOneReason ? [first] : named
    }
}

extension TellerError {
    /// The same failure, said of an account's state: an account that came later was not yet known.
    fileprivate func of(_ state: BalanceState) -> TellerError {
        guard status == .noUser, case .at = state else { return self }
        return changed {
            $0.what = "no account had this number at that time"
            $0.advice = "'teller accounts --output json' tells when each was opened"
        }
    }
}
