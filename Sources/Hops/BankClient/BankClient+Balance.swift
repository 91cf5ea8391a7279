public import BankAPI
import Bytes
public import Ledger

/// Which state of an account a balance is of.
public enum BalanceState: Sendable, Hashable {
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
    public func balance(
        of account: AccountNumber, _ state: BalanceState = .now
    ) async throws(BankClientError) -> Answer<Balance> {
        var path = BankRoute.balance(of: account)
        var request = Retry.Request.read
        switch state {
        case .now: break
        case .atLeast(let version):
            path += "?\(BankRoute.BalanceQuery.atLeastVersion)=\(version)"
            request = .readOfVersion
        case .at(let time):
            path += "?\(BankRoute.BalanceQuery.at)=\(time.description.percentEncoded)"
        }
        let answer = try await get(path, as: Balance.self, request)
        guard answer.value.account == account else { throw notABank("it is about another account") }
        if case .atLeast(let version) = state, answer.value.version < version {
            throw notABank("it is of an older version than requested")
        }
        return answer
    }
}
