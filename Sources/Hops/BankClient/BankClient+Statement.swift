import BankAPI
import Ledger

extension BankClient {
    /// Reads one page of an account's statement, newest entries first.
    ///
    /// - Parameters:
    ///   - pageSize: the most entries of the page, from 1 to ``BankRoute/largestPageSize``.
    ///   - pageToken: what the page before came with; `nil` for the newest page.
    func statement(
        of account: AccountNumber, _ period: StatementPeriod, pageSize: Int, pageToken: String?
    ) async throws(TellerError) -> StatementPage {
        typealias Query = BankRoute.StatementQuery
        var path = "\(BankRoute.statement(of: account))?\(Query.pageSize)=\(pageSize)"
        if let from = period.from { path += "&\(Query.from)=\(from.description.percentEncoded)" }
        if let to = period.to { path += "&\(Query.to)=\(to.description.percentEncoded)" }
        if let pageToken { path += "&\(Query.pageToken)=\(pageToken.percentEncoded)" }
        let page = try await get(path, as: StatementPage.self).value
        guard page.account.account == account else { throw notABank("it is about another account") }
        return page
    }
}
