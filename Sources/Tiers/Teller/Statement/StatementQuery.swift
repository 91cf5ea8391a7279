import BankAPI
import BankClient
import Ledger

/// Reads the pages of a statement, newest first, and checks that they add up.
struct StatementQuery: Sendable {
    /// The most entries that are kept in memory.
    static let mostEntries = 1_000_000

    let client: BankClient

    /// - Parameters:
    ///   - limit: how many of the newest entries to read; `nil` for all.
    ///   - pageSize: the most entries of one answer; `nil` for as many as the bank gives.
    func run(
        _ account: AccountNumber, _ period: StatementPeriod, limit: Int?, pageSize: Int?
    ) async throws(TellerError) -> Statement {
        let most = limit ?? Self.mostEntries
        let size = pageSize ?? min(most, BankRoute.largestPageSize)
        var newestFirst: [StatementPage.Entry] = []
        var first: StatementPage?
        var token: String?
        repeat {
            let page = try await asking(
                await client.statement(
                    of: account, from: period.from, to: period.to, pageSize: size,
                    pageToken: token))
            first = first ?? page
            newestFirst += page.entries
            guard page.nextPageToken == nil || page.nextPageToken != token,
                !page.entries.isEmpty || page.nextPageToken == nil
            else { throw TellerError(client.notABank("the statement's pages do not end")) }
            token = page.nextPageToken
        } while token != nil && newestFirst.count < most
        guard let first else { throw TellerError(client.notABank("the statement has no page")) }
        guard limit != nil || token == nil else {
            throw TellerError(
                .dataError, "there are more than \(most) entries",
                advice: "choose some with --from and --to, or the newest with --limit")
        }
        let statement = Statement(
            account: first.account, openingBalance: first.openingBalance,
            closingBalance: first.closingBalance, entries: newestFirst.prefix(most).reversed(),
            hasEarlier: token != nil || newestFirst.count > most)
        guard statement.addsUp else {
            throw TellerError(client.notABank("the statement does not add up"))
        }
        return statement
    }
}
