import BalanceAPI
import BankAPI
import Ledger

/// Pages of an account's entries.
extension BankHandler {
    func statement(
        _ text: Substring, _ query: QueryParameters, _ request: BankRequest
    ) async throws(Problem) -> Answer {
        let names = BankRoute.StatementQuery.self
        let (from, to) = (try query.time(names.from), try query.time(names.to))
        if let from, let to, to < from {
            throw Problem(.timeInvalid, detail: "\(names.to) is before \(names.from).")
        }
        var message = Teller_Balance_V1_GetStatementRequest()
        message.caller = request.asker
        message.account = try AccountNumber(path: text).compact
        if let from { message.fromMicroseconds = from.microseconds }
        if let to { message.toMicroseconds = to.microseconds }
        message.pageSize = try query.pageSize(names.pageSize)
        message.pageToken = try query.pageToken(names.pageToken)
        return try await answer(
            Teller_Balance_V1_Ledger.Method.GetStatement.descriptor, message, request
        ) { (reply: Teller_Balance_V1_GetStatementResponse) in try StatementPage(reply) }
    }
}

extension StatementPage {
    /// - Throws: When a value is not one of the contract's.
    init(_ reply: Teller_Balance_V1_GetStatementResponse) throws {
        let account = reply.account
        self.init(
            account: try Account(account), openingBalance: try account.money(reply.openingBalance),
            closingBalance: try account.money(reply.closingBalance),
            entries: try reply.entries.map { try Entry($0, of: account) },
            nextPageToken: reply.nextPageToken.isEmpty ? nil : reply.nextPageToken)
    }
}

extension StatementPage.Entry {
    fileprivate init(
        _ entry: Teller_Balance_V1_StatementEntry, of account: Teller_Balance_V1_Account
    ) throws {
        guard entry.kind.isCodeName else { throw ContractError("a kind that is no name") }
        guard let transfer = Identifier(bytes: entry.transfer) else {
            throw ContractError("the transfer is not a UUID of 16 bytes")
        }
        self.init(
            version: entry.version,
            postedAt: Timestamp(microseconds: entry.postedAtMicroseconds),
            amount: try account.money(entry.amount),
            balanceAfter: try account.money(entry.balanceAfter), transfer: transfer,
            kind: .transfer,
            otherAccount: try AccountNumber(entry.otherAccount),
            memo: entry.memo.isEmpty ? nil : try ShortText(entry.memo))
        // Be it known here or not.
        kind = entry.kind
    }
}
