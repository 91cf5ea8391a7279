import BalanceAPI
import BalanceClient
import BankAPI
import Chain
import GRPCCore
import Ledger
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Opens and closes accounts.
struct AccountWritesHandler: Sendable {
    let services: BalanceServices
    let contract: ContractCheck

    func open(_ request: BankRequest) async throws(Problem) -> Answer {
        _ = try QueryParameters(request.query)
        let body = try OpenAccount(body: request.body)
        var message = Teller_Balance_V1_OpenAccountRequest()
        message.id = Data(body.id.bytes)
        if let ledger = body.ledger { message.ledger = Data(ledger.bytes) }
        message.name = body.name.description
        message.currency = body.overdraftLimit.currency.code
        message.overdraftLimit = body.overdraftLimit.minorUnits
        return try await answer(
            UnaryCall(
                Teller_Balance_V1_Ledger.Method.OpenAccount.descriptor, message,
                returning: Teller_Balance_V1_OpenAccountResponse.self, context: request.context),
            request, result: \.result)
    }

    func close(_ text: Substring, _ request: BankRequest) async throws(Problem) -> Answer {
        _ = try QueryParameters(request.query)
        let number = try AccountNumber(path: text)
        let body = try CloseAccount(body: request.body)
        var message = Teller_Balance_V1_CloseAccountRequest()
        message.id = Data(body.id.bytes)
        if let ledger = body.ledger { message.ledger = Data(ledger.bytes) }
        message.account = number.compact
        return try await answer(
            UnaryCall(
                Teller_Balance_V1_Ledger.Method.CloseAccount.descriptor, message,
                returning: Teller_Balance_V1_CloseAccountResponse.self, context: request.context),
            request, result: \.result)
    }

    private func answer<Request, Reply>(
        _ call: UnaryCall<Request, Reply>, _ request: BankRequest,
        result: (Reply) -> AccountWriteResult
    ) async throws(Problem) -> Answer {
        let reply = try await tellingProblems { () async throws(BalanceClientError) in
            try await services.write(call) { reply in
                if case .failed(let failure) = result(reply) { failure } else { nil }
            }
        }
        switch result(reply.message) {
        case .failed: throw .outcomeUnknown
        case .refused(let code): throw .refused(code)
        case .account(let account):
            do {
                let body = try contract.encoded(request) { try Account(account) }
                return Answer(body: body, call: call.method.method, timing: reply.timing)
            } catch {
                // It was done, and cannot be told.
                throw .outcomeUnknown
            }
        }
    }
}

/// What a reply says of a write to an account.
private enum AccountWriteResult {
    case account(Teller_Balance_V1_Account)
    case refused(String)
    case failed(WriteFailure)
}

extension Teller_Balance_V1_OpenAccountResponse {
    fileprivate var result: AccountWriteResult {
        switch outcome {
        case .account(let account): .account(account)
        case .refused(let code): .refused(code)
        case .failure(let failure): .failed(WriteFailure(failure) ?? .contractBroken)
        case nil: .failed(.contractBroken)
        }
    }
}

extension Teller_Balance_V1_CloseAccountResponse {
    fileprivate var result: AccountWriteResult {
        switch outcome {
        case .account(let account): .account(account)
        case .refused(let code): .refused(code)
        case .failure(let failure): .failed(WriteFailure(failure) ?? .contractBroken)
        case nil: .failed(.contractBroken)
        }
    }
}
