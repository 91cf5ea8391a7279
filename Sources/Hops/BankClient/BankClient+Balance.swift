import BankAPI
import Ledger

/// Which state of an account a balance is of.
enum BalanceState: Sendable, Hashable {
    case now
    /// As it is now, and not before this version.
    case atLeast(version: Int64)
    /// As it was.
    case at(Timestamp)
}

extension BankClient {
    /// Reads one account's balance.
    ///
    /// A version that the account has not reached is waited for, until the command's deadline.
    func balance(
        of account: AccountNumber, _ state: BalanceState = .now
    ) async throws(TellerError) -> Answer<Balance> {
        var path = BankRoute.balance(of: account)
        var retry = ReadRetry()
        switch state {
        case .now: break
        case .atLeast(let version):
            path += "?\(BankRoute.BalanceQuery.atLeastVersion)=\(version)"
            retry = ReadRetry(awaitsVersion: true)
        case .at(let time):
            path += "?\(BankRoute.BalanceQuery.at)=\(time.description.percentEncoded)"
        }
        let answer: Answer<Balance>
        do throws(TellerError) {
            answer = try await get(path, as: Balance.self, retry: retry)
        } catch {
            throw error.of(state)
        }
        guard answer.value.account == account else { throw notABank("it is about another account") }
        if case .atLeast(let version) = state, answer.value.version < version {
            throw notABank("it is of an older version than was asked for")
        }
        return answer
    }
}

extension TellerError {
    /// The same failure, said of an account's state: an account that came later was not yet known.
    fileprivate func of(_ state: BalanceState) -> TellerError {
        guard status == .noUser, case .at = state else { return self }
        var error = self
        error.what = "no account had this number at that time"
        error.advice = "'teller accounts --output json' tells when each was opened"
        return error
    }
}
