import BalanceAPI
import GRPCProtobuf
import Ledger

/// A GetStatementRequest that makes sense.
struct StatementRequest: Sendable {
    var number: AccountNumber
    /// Only entries at or after this; `nil`: from the first.
    var from: Timestamp?
    /// Only entries before this; `nil`: to the newest.
    var to: Timestamp?
    var size: Int
    /// `nil` for the first page.
    var token: StatementToken?

    /// - Throws: `GoogleRPCStatus`, INVALID_ARGUMENT.
    init(_ request: Teller_Balance_V1_GetStatementRequest) throws {
        number = try readAccountNumber(request.account)
        size = try readPageSize(request.pageSize, of: "entries")
        if request.hasFromMicroseconds { from = Timestamp(microseconds: request.fromMicroseconds) }
        if request.hasToMicroseconds { to = Timestamp(microseconds: request.toMicroseconds) }
        if let from, let to, from > to {
            throw BalanceErrorReason.requestInvalid.status(
                "a statement must not end before it starts")
        }
        guard !request.pageToken.isEmpty else { return }
        guard let token = StatementToken(request.pageToken), token.account == number.number else {
            throw BalanceErrorReason.pageTokenInvalid.status(
                "this page token was not made by this service for this account")
        }
        self.token = token
    }
}
