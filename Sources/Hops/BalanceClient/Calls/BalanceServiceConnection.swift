import GRPCCore

/// A connection to a balance service, whatever carries it.
///
/// gRPC's client without the type of its transport: what callers use is then not generic.
protocol BalanceServiceConnection: Sendable {
    /// Runs until the connection has ended.
    func runConnections() async throws

    /// Makes no more calls.
    func beginGracefulShutdown()

    func unary<Request, Response, Result: Sendable>(
        request: ClientRequest<Request>, descriptor: MethodDescriptor,
        serializer: some MessageSerializer<Request>,
        deserializer: some MessageDeserializer<Response>, options: CallOptions,
        onResponse: @Sendable @escaping (ClientResponse<Response>) async throws -> Result
    ) async throws -> Result

    func bidirectionalStreaming<Request, Response, Result: Sendable>(
        request: StreamingClientRequest<Request>, descriptor: MethodDescriptor,
        serializer: some MessageSerializer<Request>,
        deserializer: some MessageDeserializer<Response>, options: CallOptions,
        onResponse: @Sendable @escaping (StreamingClientResponse<Response>) async throws -> Result
    ) async throws -> Result
}

extension GRPCClient: BalanceServiceConnection {}
