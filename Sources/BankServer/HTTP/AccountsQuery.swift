import BalanceAPI
import BankAPI
import HummingbirdCore
import Ledger

/// The query of `GET /v1/accounts`, checked.
struct AccountsQuery: Sendable {
    private(set) var message = Teller_Balance_V1_ListAccountsRequest()

    /// - Throws: The first parameter that is unknown, repeated or not valid.
    init(_ uri: URI) throws(Problem) {
        message.pageSize = Int32(BankRoute.defaultPageSize)
        var seen: Set<Substring> = []
        for (name, value) in uri.queryParameters {
            guard seen.insert(name).inserted else {
                throw Problem(.requestInvalid, detail: "A query parameter is there twice.")
            }
            try set(name, to: String(value))
        }
    }

    private mutating func set(_ name: Substring, to value: String) throws(Problem) {
        switch name {
        case BankRoute.AccountsQuery.pageSize[...]:
            guard let size = Int32(value), (1...Int32(BankRoute.largestPageSize)).contains(size)
            else {
                throw Problem(
                    .pageSizeInvalid,
                    detail: "page_size must be 1 to \(BankRoute.largestPageSize).")
            }
            message.pageSize = size
        case BankRoute.AccountsQuery.pageToken[...]:
            message.pageToken = value
        case BankRoute.AccountsQuery.currency[...]:
            do throws(CurrencyError) {
                message.currency = try Currency(value).code
            } catch {
                throw Problem(.currencyInvalid, detail: "\(error)")
            }
        default:
            throw Problem(
                .requestInvalid,
                detail: "The query parameters are page_size, page_token and currency.")
        }
    }
}
