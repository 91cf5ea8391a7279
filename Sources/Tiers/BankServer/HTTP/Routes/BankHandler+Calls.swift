import BalanceAPI
import BalanceClient
import BankAPI
import Chain
import GRPCCore
import Ledger
import Logging
import NIOCore
import SwiftProtobuf

// What the balance service sent is checked, too: a breach of its contract is logged with its details,
// and the caller learns that the bank made a mistake.
extension BankHandler {
    /// Makes a call that only reads.
    func read<Message: SwiftProtobuf.Message, Reply: SwiftProtobuf.Message>(
        _ method: MethodDescriptor, _ message: Message, returning: Reply.Type,
        _ request: BankRequest
    ) async throws(Problem) -> UnaryCall<Message, Reply>.Answer {
        let call = UnaryCall(method, message, returning: Reply.self, context: request.context)
        do throws(BalanceClientError) {
            return try await services.read(call)
        } catch {
            throw Problem(error)
        }
    }

    /// Makes a call that only reads, and answers with its reply.
    ///
    /// - Parameter value: What is answered; throws when the reply breaks the contract.
    func answer<Reply: SwiftProtobuf.Message>(
        _ method: MethodDescriptor, _ message: some SwiftProtobuf.Message, _ request: BankRequest,
        value: (Reply) throws -> some Encodable
    ) async throws(Problem) -> Answer {
        let reply = try await read(method, message, returning: Reply.self, request)
        let body = try encoded(request) { try value(reply.message) }
        return Answer(body: body, call: method.method, timing: reply.timing)
    }

    func checked<Value>(
        _ request: BankRequest, _ body: () throws -> Value
    ) throws(Problem) -> Value {
        do {
            return try body()
        } catch {
            throw breach("\(error)", request)
        }
    }

    /// The value as JSON.
    func encoded(
        _ request: BankRequest, _ value: () throws -> some Encodable
    ) throws(Problem) -> ByteBuffer {
        try checked(request) { ByteBuffer(bytes: try BankJSON.encode(value())) }
    }

    func breach(_ what: String, _ request: BankRequest) -> Problem {
        logger.error(
            "the balance service broke its contract",
            metadata: ["error": "\(what)", "trace": "\(request.trace.traceIDText)"])
        return .internal(tier: .balanceService)
    }
}

extension Identifier {
    /// - Parameter bytes: A ledger's id, as hop 2 sends it.
    init(ledger bytes: some Collection<UInt8>) throws(ContractError) {
        guard let value = Identifier(bytes: bytes) else {
            throw ContractError("the ledger is not a UUID of 16 bytes")
        }
        self = value
    }
}
