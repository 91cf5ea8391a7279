import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Ledger
import SwiftProtobuf

extension LedgerService {
    func closeAccount(
        request: ServerRequest<Teller_Balance_V1_CloseAccountRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_CloseAccountResponse> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        let message = request.message
        let number = try readAccountNumber(message.account)
        let wanted = AccountRequest(
            id: try readID(message.id, "the id"),
            ledger: message.ledger.isEmpty ? nil : try readID(message.ledger, "the ledger"),
            action: .close(number))
        let closing = AccountClosing(transaction: .init(pool: accountPool), bank: bank)
        return try await answer(
            call, detail: "account closed", statement: "UPDATE teller.accounts ..."
        ) {
            do {
                return try .init(
                    await closing.close(number, for: wanted, deadline: call.deadline))
            } catch is RepeatableTransaction.OutcomeUnknown {
                return .with { $0.failure = .outcomeUnknown }
            }
        }
    }
}

extension Teller_Balance_V1_CloseAccountResponse {
    fileprivate init(_ outcome: AccountOutcome) throws(AccountNumberError) {
        self.init()
        switch outcome {
        case .account(let row): account = try .init(row)
        case .refused(let refusal): refused = refusal.rawValue
        case .otherLedger: failure = .otherLedger
        }
    }
}
