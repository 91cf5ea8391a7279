import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Ledger
import SwiftProtobuf

extension LedgerService {
    func openAccount(
        request: ServerRequest<Teller_Balance_V1_OpenAccountRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_OpenAccountResponse> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        let message = request.message
        let (name, currency) = (try readName(message.name), try readCurrency(message.currency))
        guard message.overdraftLimit >= 0 else {
            throw BalanceErrorReason.requestInvalid.status("a limit must not be negative")
        }
        let owner = try message.owner.isEmpty ? nil : readUserName(message.owner)
        let wanted = AccountRequest(
            id: try readID(message.id, "the id"), ledger: try readLedger(message.ledger),
            action: .open(
                NewAccount(
                    name: name, currency: currency, limit: message.overdraftLimit, owner: owner)))
        return try await answer(
            call, detail: "account opened", statement: "INSERT INTO teller.accounts ..."
        ) { try await outcome(of: wanted, message.caller, call) }
    }

    func closeAccount(
        request: ServerRequest<Teller_Balance_V1_CloseAccountRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_CloseAccountResponse> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        let message = request.message
        let number = try readAccountNumber(message.account)
        let wanted = AccountRequest(
            id: try readID(message.id, "the id"), ledger: try readLedger(message.ledger),
            action: .close(number))
        return try await answer(
            call, detail: "account closed", statement: "UPDATE teller.accounts ..."
        ) { try await outcome(of: wanted, message.caller, call) }
    }

    private func readLedger(_ bytes: some Collection<UInt8>) throws -> Identifier? {
        bytes.isEmpty ? nil : try readID(bytes, "the ledger")
    }

    private func outcome<Response: AccountResponse>(
        of request: AccountRequest, _ caller: Teller_Balance_V1_Caller, _ call: ServedCall
    ) async throws -> Response {
        let session = try await askers.caller(caller, deadline: call.deadline)
        var response = Response()
        do {
            let writer = AccountWriter(pool: pools.accounts, bank: bank)
            switch try await writer.outcome(
                of: request, by: session, deadline: call.deadline)
            {
            case .account(let row): response.account = try .init(row)
            case .refused(let refusal):
                response.refused = refusal.rawValue
                if refusal == .forbidden { askers.tries.note(session, Origin(caller)) }
            case .otherLedger: response.failure = .otherLedger
            case .signedOut:
                response.failure = .unauthenticated
                askers.tries.note(nil, Origin(caller))
            }
        } catch is RepeatableTransaction.OutcomeUnknown {
            response.failure = .outcomeUnknown
        }
        return response
    }
}

private protocol AccountResponse: Message {
    var account: Teller_Balance_V1_Account { get set }
    var refused: String { get set }
    var failure: Teller_Balance_V1_GroupOutcome.Failure { get set }
}

extension Teller_Balance_V1_OpenAccountResponse: AccountResponse {}
extension Teller_Balance_V1_CloseAccountResponse: AccountResponse {}
