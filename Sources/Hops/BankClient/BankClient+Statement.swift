public import BankAPI
import Bytes
public import Ledger

extension BankClient {
    /// Reads one page of an account's statement, newest entries first.
    ///
    /// - Parameters:
    ///   - from: `nil` for the account's first entry on.
    ///   - to: the time before which the entries are; `nil` for all up to now.
    ///   - pageSize: the most entries of the page, from 1 to ``BankRoute/largestPageSize``.
    ///   - pageToken: what the page before came with; `nil` for the newest page.
    public func statement(
        of account: AccountNumber, from: Timestamp?, to: Timestamp?, pageSize: Int,
        pageToken: String?
    ) async throws(BankClientError) -> StatementPage {
        typealias Query = BankRoute.StatementQuery
        var path = "\(BankRoute.statement(of: account))?\(Query.pageSize)=\(pageSize)"
        if let from { path += "&\(Query.from)=\(from.description.percentEncoded)" }
        if let to { path += "&\(Query.to)=\(to.description.percentEncoded)" }
        if let pageToken { path += "&\(Query.pageToken)=\(pageToken.percentEncoded)" }
        let page = try await get(path, as: StatementPage.self).value
        guard page.account.account == account else { throw notABank("it is about another account") }
        return page
    }
}
