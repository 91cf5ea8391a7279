import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Logging
import SwiftProtobuf
import Synchronization

/// One caller's batches, as messages of a stream that stays: each is answered before the next is read.
///
/// What befalls a batch is in its answer, and the stream goes on. When the caller leaves, what still reads
/// or waits for its turn ends with it; a transaction under way does not. A drain closes a stream once what
/// it has read is answered; a batch that was on its way then is refused, so that its caller knows that it
/// was not begun.
struct BatchStream<Batch: StreamedBatch, Answer: StreamedAnswer>: Sendable {
    /// How long a caller that is told so has to send no more.
    private static var closingTime: Duration { .seconds(1) }

    let status: ServingStatus
    let logger: Logger
    let answer: @Sendable (Batch.Request, ServedCall) async throws -> BatchAnswer<Answer.Response>

    func serve(
        _ request: StreamingServerRequest<Batch>, _ context: ServerContext
    ) -> StreamingServerResponse<Answer> {
        StreamingServerResponse { writer in
            let turns = StreamTurns()
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask {
                    for try await batch in request.messages {
                        let isTaken = turns.begin()
                        try await writer.write(
                            answer(batch, method: context.descriptor.method, isTaken: isTaken))
                        if isTaken { turns.end() }
                    }
                }
                group.addTask {
                    // gRPC tells of a drain only those that are there when it begins.
                    if !status.isDraining { try await context.cancellation.cancelled }
                    guard status.isDraining else { return }  // the caller has left
                    await turns.close()
                    try await writer.write(.with { $0.closing = true })
                    try await Task.sleep(for: Self.closingTime)
                }
                try await group.next()
            }
            return [:]
        }
    }

    private func answer(_ batch: Batch, method: String, isTaken: Bool) async -> Answer {
        let call = ServedCall([:], method: method)
        var message = Answer()
        message.number = batch.number
        do {
            guard isTaken else { throw BatcherError.closed }
            let answer = try await answer(batch.request, call)
            message.response = answer.response
            if let timing = answer.timing { message.serverTiming = timing.description }
        } catch let status as GoogleRPCStatus {
            message.error = .init(status)
        } catch {
            message.error = .init(call.status(for: error, logger: logger))
        }
        return message
    }
}

/// Whether a stream has a batch under way, and whether it takes another.
private final class StreamTurns: Sendable {
    private let state = Mutex((isWorking: false, isClosed: false))
    private let (idle, becomesIdle) = AsyncStream<Void>.makeStream()

    /// - Returns: Whether the batch that came is to be worked on.
    func begin() -> Bool {
        state.withLock { state in
            state.isWorking = !state.isClosed
            return state.isWorking
        }
    }

    /// The batch is answered.
    func end() {
        let isClosed = state.withLock { state in
            state.isWorking = false
            return state.isClosed
        }
        if isClosed { becomesIdle.finish() }
    }

    /// Takes no more batches, and waits for the one that is under way.
    func close() async {
        let isWorking = state.withLock { state in
            state.isClosed = true
            return state.isWorking
        }
        if isWorking { for await _ in idle {} }
    }
}
