import BalanceAPI
import Foundation
import GRPCCore
import SwiftProtobuf
import TestSupport

/// Signs what a test sends, where it names no caller itself: most tests are not about who asks.
struct SigningInterceptor: ClientInterceptor {
    let session: TestSession

    private var caller: Teller_Balance_V1_Caller { .with { $0.token = Data(session.token) } }

    func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingClientRequest<Input>, context: ClientContext,
        next: (StreamingClientRequest<Input>, ClientContext) async throws ->
            StreamingClientResponse<Output>
    ) async throws -> StreamingClientResponse<Output> {
        let (produce, caller) = (request.producer, caller)
        var signed = request
        signed.producer = { writer in
            try await produce(RPCWriter(wrapping: SigningWriter(writer: writer, caller: caller)))
        }
        return try await next(signed, context)
    }
}

private struct SigningWriter<Element: Sendable>: RPCWriterProtocol {
    let writer: RPCWriter<Element>
    let caller: Teller_Balance_V1_Caller

    func write(_ element: Element) async throws {
        let signed = (element as? any Signable)?.signed(by: caller) as? Element
        try await writer.write(signed ?? element)
    }

    func write(contentsOf elements: some Sequence<Element>) async throws {
        for element in elements { try await write(element) }
    }
}

/// A request that says who asks.
private protocol Signable {
    func signed(by caller: Teller_Balance_V1_Caller) -> Self
}

private protocol OneCaller: Signable {
    var hasCaller: Bool { get }
    var caller: Teller_Balance_V1_Caller { get set }
}

extension OneCaller {
    func signed(by caller: Teller_Balance_V1_Caller) -> Self {
        var request = self
        if !hasCaller { request.caller = caller }
        return request
    }
}

extension Teller_Balance_V1_ListAccountsRequest: OneCaller {}
extension Teller_Balance_V1_OpenAccountRequest: OneCaller {}
extension Teller_Balance_V1_CloseAccountRequest: OneCaller {}
extension Teller_Balance_V1_GetStatementRequest: OneCaller {}
extension Teller_Balance_V1_GetTransfersRequest: OneCaller {}
extension Teller_Balance_V1_RunAuditRequest: OneCaller {}

extension Teller_Balance_V1_BalancesRequest: Signable {
    func signed(by caller: Teller_Balance_V1_Caller) -> Self {
        guard callers.isEmpty else { return self }
        var request = self
        request.callers = [caller]
        for index in queries.indices { request.queries[index].context.caller = 1 }
        return request
    }
}

extension Teller_Balance_V1_SubmitTransfersRequest: Signable {
    func signed(by caller: Teller_Balance_V1_Caller) -> Self {
        guard callers.isEmpty else { return self }
        var request = self
        request.callers = [caller]
        for index in groups.indices { request.groups[index].context.caller = 1 }
        return request
    }
}

extension Teller_Balance_V1_BalancesBatch: Signable {
    func signed(by caller: Teller_Balance_V1_Caller) -> Self {
        var batch = self
        batch.request = request.signed(by: caller)
        return batch
    }
}

extension Teller_Balance_V1_TransfersBatch: Signable {
    func signed(by caller: Teller_Balance_V1_Caller) -> Self {
        var batch = self
        batch.request = request.signed(by: caller)
        return batch
    }
}
