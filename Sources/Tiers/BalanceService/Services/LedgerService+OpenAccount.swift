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
        let name = try readName(message.name)
        let currency = try readCurrency(message.currency)
        let limit = message.overdraftLimit
        guard limit >= 0 else {
            throw BalanceErrorReason.requestInvalid.status("a limit must not be negative")
        }
        let wanted = AccountRequest(
            id: try readID(message.id, "the id"),
            ledger: message.ledger.isEmpty ? nil : try readID(message.ledger, "the ledger"),
            action: .open(name: name, currency: currency, overdraftLimit: limit))
        let opening = AccountOpening(transaction: .init(pool: accountPool), bank: bank)
        return try await answer(
            call, detail: "account opened", statement: "INSERT INTO teller.accounts ..."
        ) {
            do {
                return try .init(
                    await opening.open(
                        name, currency, overdraftLimit: limit, for: wanted,
                        deadline: call.deadline))
            } catch is RepeatableTransaction.OutcomeUnknown {
                return .with { $0.failure = .outcomeUnknown }
            }
        }
    }
}

extension Teller_Balance_V1_OpenAccountResponse {
    fileprivate init(_ outcome: AccountOutcome) throws(AccountNumberError) {
        self.init()
        switch outcome {
        case .account(let row): account = try .init(row)
        case .refused(let refusal): refused = refusal.rawValue
        case .otherLedger: failure = .otherLedger
        }
    }
}
