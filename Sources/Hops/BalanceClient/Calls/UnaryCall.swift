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
    /// Ends the call when its caller leaves; nil for a call that writes.
    var departure: Departure?

    init(
        _ method: MethodDescriptor, _ message: Request, returning: Reply.Type,
        for request: BankRequest
    ) {
        self.method = method
        self.message = message
        deadline = request.deadline
        trace = request.sampledTrace
        departure = request.departure
    }

    func send(through connection: BalanceServiceConnection) async throws -> Answer {
        // The service keeps the deadline. gRPC's client would reset the stream: see SingleCalls.
        var metadata = Metadata.call(trace: trace)
        metadata.addString(
            GRPCTimeout(deadline.remaining).description, forKey: GRPCTimeout.headerName)
        return try await connection.unary(
            request: ClientRequest(message: message, metadata: metadata),
            descriptor: method, serializer: ProtobufSerializer<Request>(),
            deserializer: ProtobufDeserializer<Reply>(), options: .defaults
        ) { response in
            Answer(
                message: try response.message,
                timing: ServerTiming(trailing: response.trailingMetadata))
        }
    }
}
