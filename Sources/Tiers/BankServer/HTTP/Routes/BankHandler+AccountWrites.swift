import BalanceAPI
import BalanceClient
import BankAPI
import GRPCCore
import Ledger
import SwiftProtobuf

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Opens and closes accounts.
extension BankHandler {
    func open(_ request: BankRequest) async throws(Problem) -> Answer {
        let body = try OpenAccount(body: request.body)
        var message = Teller_Balance_V1_OpenAccountRequest()
        message.id = Data(body.id.bytes)
        if let ledger = body.ledger { message.ledger = Data(ledger.bytes) }
        message.name = body.name.description
        message.currency = body.overdraftLimit.currency.code
        message.overdraftLimit = body.overdraftLimit.minorUnits
        if let owner = body.owner { message.owner = owner.description }
        message.caller = request.asker
        return try await write(
            Teller_Balance_V1_Ledger.Method.OpenAccount.descriptor, message, request
        ) { (reply: Teller_Balance_V1_OpenAccountResponse) in
            switch reply.outcome {
            case .account(let account): .account(account)
            case .refused(let code): .refused(code)
            case .failure(let failure): .failed(WriteFailure(failure) ?? .contractBroken)
            case nil: .failed(.contractBroken)
            }
        }
    }

    func close(_ text: Substring, _ request: BankRequest) async throws(Problem) -> Answer {
        let number = try AccountNumber(path: text)
        let body = try CloseAccount(body: request.body)
        var message = Teller_Balance_V1_CloseAccountRequest()
        message.id = Data(body.id.bytes)
        if let ledger = body.ledger { message.ledger = Data(ledger.bytes) }
        message.account = number.compact
        message.caller = request.asker
        return try await write(
            Teller_Balance_V1_Ledger.Method.CloseAccount.descriptor, message, request
        ) { (reply: Teller_Balance_V1_CloseAccountResponse) in
            switch reply.outcome {
            case .account(let account): .account(account)
            case .refused(let code): .refused(code)
            case .failure(let failure): .failed(WriteFailure(failure) ?? .contractBroken)
            case nil: .failed(.contractBroken)
            }
        }
    }

    /// What a reply says of a write to an account.
    private enum WriteResult {
        case account(Teller_Balance_V1_Account)
        case refused(String)
        case failed(WriteFailure)
    }

    private func write<Message: SwiftProtobuf.Message, Reply: SwiftProtobuf.Message>(
        _ method: MethodDescriptor, _ message: Message, _ request: BankRequest,
        result: (Reply) -> WriteResult
    ) async throws(Problem) -> Answer {
        let call = UnaryCall(method, message, returning: Reply.self, context: request.context)
        let reply: UnaryCall<Message, Reply>.Answer
        do throws(BalanceClientError) {
            reply = try await services.write(call) { reply in
                if case .failed(let failure) = result(reply) { failure } else { nil }
            }
        } catch {
            throw Problem(error)
        }
        switch result(reply.message) {
        case .failed: throw .outcomeUnknown
        case .refused(let code): throw .refused(code)
        case .account(let account):
            do {
                let body = try encoded(request) { try Account(account) }
                return Answer(body: body, call: method.method, timing: reply.timing)
            } catch {
                // It was done, and cannot be told.
                throw .outcomeUnknown
            }
        }
    }
}
