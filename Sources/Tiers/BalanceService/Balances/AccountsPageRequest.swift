import BalanceAPI
import Ledger

/// A ListAccountsRequest that makes sense.
struct AccountsPageRequest: Sendable {
    /// The last account's number on the page before; -1: from the start.
    var after: Int64 = -1
    var size: Int
    var currency: Currency?

    /// - Throws: `GoogleRPCStatus`, INVALID_ARGUMENT.
    init(_ request: Teller_Balance_V1_ListAccountsRequest) throws {
        size = try readPageSize(request.pageSize, of: "accounts")
        if !request.pageToken.isEmpty {
            guard let token = PageToken(request.pageToken) else {
                throw BalanceErrorReason.pageTokenInvalid.status(
                    "this page token was not made by this service")
            }
            after = token.lastID
        }
        if !request.currency.isEmpty {
            currency = try readCurrency(request.currency)
        }
    }
}
