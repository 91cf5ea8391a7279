import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Ledger
import SwiftProtobuf

extension LedgerService {
    func getStatement(
        request: ServerRequest<Teller_Balance_V1_GetStatementRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_GetStatementResponse> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        let wanted = try StatementRequest(request.message)
        let store = StatementStore(pool: pools.reading, accounts: accounts)
        return try await answer(
            call, context, detail: "statement (a page of \(wanted.size))",
            statement: "SELECT ... FROM teller.entries ORDER BY version DESC"
        ) {
            let caller = request.message.caller
            let session = try await askers.caller(caller, deadline: call.deadline)
            guard
                let page = try await store.page(
                    wanted, for: session.asker, deadline: call.deadline)
            else {
                askers.tries.note(session, Origin(caller))
                throw BalanceErrorReason.accountUnknown.status(
                    "this bank has no account \(wanted.number.grouped)")
            }
            return try .init(page)
        }
    }
}

extension Teller_Balance_V1_GetStatementResponse {
    fileprivate init(_ page: StatementPage) throws(AccountNumberError) {
        self.init()
        account = try .init(page.account)
        for line in page.lines { entries.append(try .init(line, bank: page.account.bank)) }
        openingBalance = page.openingBalance
        closingBalance = page.closingBalance
        nextPageToken = page.next?.text ?? ""
    }
}
