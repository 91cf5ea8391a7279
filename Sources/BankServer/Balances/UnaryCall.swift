import Chain
import GRPCCore
import GRPCProtobuf
import SwiftProtobuf

/// A call of hop 2 that one caller makes alone.
struct UnaryCall<Request: SwiftProtobuf.Message, Reply: SwiftProtobuf.Message>: Sendable {
    struct Answer: Sendable {
        var message: Reply
        var timing: ServerTiming?
    }

    let method: MethodDescriptor
    var message: Request
    var deadline: Deadline
    var trace: TraceContext?

    init(
        _ method: MethodDescriptor, _ message: Request, returning: Reply.Type,
        for request: BankRequest
    ) {
        self.method = method
        self.message = message
        deadline = request.deadline
        trace = request.sampledTrace
    }

    func send(through connection: BalanceServiceConnection) async throws -> Answer {
        var options = CallOptions.defaults
        options.timeout = deadline.remaining
        return try await connection.unary(
            request: ClientRequest(message: message, metadata: .call(trace: trace)),
            descriptor: method, serializer: ProtobufSerializer<Request>(),
            deserializer: ProtobufDeserializer<Reply>(), options: options
        ) { response in
            Answer(
                message: try response.message,
                timing: ServerTiming(trailing: response.trailingMetadata))
        }
    }
}
