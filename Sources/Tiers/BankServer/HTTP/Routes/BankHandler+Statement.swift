import BalanceAPI
import BalanceClient
import BankAPI
import Chain
import Ledger
import NIOCore

/// Pages of an account's entries.
struct StatementHandler: Sendable {
    let services: BalanceServices
    let contract: ContractCheck

    func page(_ text: Substring, _ request: BankRequest) async throws(Problem) -> Answer {
        let number = try AccountNumber(path: text)
        let message = try Self.message(number, request)
        let reply = try await services.answer(
            UnaryCall(
                Teller_Balance_V1_Ledger.Method.GetStatement.descriptor, message,
                returning: Teller_Balance_V1_GetStatementResponse.self, context: request.context,
                departure: request.departure))
        let body = try contract.encoded(request) { try StatementPage(reply.message) }
        return Answer(body: body, call: "GetStatement", timing: reply.timing)
    }

    private static func message(
        _ number: AccountNumber, _ request: BankRequest
    ) throws(Problem) -> Teller_Balance_V1_GetStatementRequest {
        let names = BankRoute.StatementQuery.self
        let query = try QueryParameters(
            request.query, names: [names.from, names.to, names.pageSize, names.pageToken])
        let (from, to) = (try query.time(names.from), try query.time(names.to))
        if let from, let to, to < from {
            throw Problem(.timeInvalid, detail: "\(names.to) is before \(names.from).")
        }
        var message = Teller_Balance_V1_GetStatementRequest()
        message.account = number.compact
        if let from { message.fromMicroseconds = from.microseconds }
        if let to { message.toMicroseconds = to.microseconds }
        message.pageSize = try query.pageSize(names.pageSize)
        message.pageToken = try query.pageToken(names.pageToken)
        return message
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
