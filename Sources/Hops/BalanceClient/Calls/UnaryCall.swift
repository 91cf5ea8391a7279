public import Chain
public import GRPCCore
import GRPCProtobuf
public import SwiftProtobuf

/// A call of hop 2 that one caller makes alone.
public struct UnaryCall<Request: SwiftProtobuf.Message, Reply: SwiftProtobuf.Message>: Sendable {
    public struct Answer: Sendable {
        public var message: Reply
        /// What the tiers behind this one spent, when the caller's trace is sampled.
        public var timing: ServerTiming?
    }

    public let method: MethodDescriptor
    let message: Request
    let context: CallContext

    public init(
        _ method: MethodDescriptor, _ message: Request, returning: Reply.Type,
        context: CallContext
    ) {
        self.method = method
        self.message = message
        self.context = context
    }

    func send(through connection: any BalanceServiceConnection) async throws -> Answer {
        // The service keeps the deadline. gRPC's client would reset the stream: see SingleCalls.
        var metadata = Metadata()
        if let trace = context.trace {
            metadata.addString(trace.description, forKey: TraceContext.headerName)
        }
        metadata.addString(
            GRPCTimeout(context.deadline.remaining).description, forKey: GRPCTimeout.headerName)
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

extension ServerTiming {
    /// What the tiers behind say they spent, from a reply's trailing metadata.
    init?(trailing metadata: Metadata) {
        guard let text = metadata[stringValues: Self.headerName].first(where: { _ in true }) else {
            return nil
        }
        self.init(parsing: text)
    }
}
