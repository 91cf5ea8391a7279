import Chain
import GRPCCore
import GRPCProtobuf
import NIOCore

/// Keeps one stream of batches open, as long as its session uses the connection.
struct BatchWorker<Call: BatchedCall>: Sendable {
    let session: BalanceServiceSession
    let batcher: Batcher<Call.Member, Call.Outcome>
    /// Which of the session's workers this is.
    let number: Int

    private var endpoint: BalanceServiceEndpoint { session.endpoint }

    /// - Returns: Why the session must end, or `nil` when it was ended.
    func run() async -> BalanceServiceEnd? {
        let (messages, outbox) = AsyncStream<Call.Message>.makeStream()
        let line = NIOLoopBound(makeLine(outbox), eventLoop: endpoint.eventLoop)
        line.value.takeNext()
        do {
            try await session.connection.bidirectionalStreaming(
                request: StreamingClientRequest { writer in
                    for await message in messages { try await writer.write(message) }
                },
                descriptor: Call.method, serializer: ProtobufSerializer<Call.Message>(),
                deserializer: ProtobufDeserializer<Call.Answer>(), options: .defaults
            ) { response in
                for try await answer in response.messages { try line.value.receive(answer) }
            }
            return line.value.end(nil)
        } catch {
            return line.value.end(error)
        }
    }

    private func makeLine(_ outbox: AsyncStream<Call.Message>.Continuation) -> BatchLine<Call> {
        BatchLine(
            BatchLine.Owner(
                batcher: batcher, number: number, calls: session.calls, budget: endpoint.budget,
                onLoss: { [endpoint] condition in
                    endpoint.directory.markUnavailable(endpoint.index, condition)
                }, logger: endpoint.logger),
            outbox: outbox)
    }
}
