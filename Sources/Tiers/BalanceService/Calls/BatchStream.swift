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
/// or waits for its turn ends with it; a transaction under way does not. A drain ends a stream once what it
/// has read is answered.
struct BatchStream<Batch: StreamedBatch, Answer: StreamedAnswer>: Sendable {
    let status: ServingStatus
    let logger: Logger
    let answer: @Sendable (Batch.Request, ServedCall) async throws -> BatchAnswer<Answer.Response>

    func serve(
        _ request: StreamingServerRequest<Batch>, _ context: ServerContext
    ) -> StreamingServerResponse<Answer> {
        StreamingServerResponse { writer in
            // gRPC tells of a drain only those that are there when it begins.
            if !status.isDraining {
                try await answerAll(request.messages, context, writer)
            }
            if status.isDraining {
                try await writer.write(.with { $0.closing = true })
            }
            return [:]
        }
    }

    /// Until the caller sends no more, or leaves, or the service drains.
    private func answerAll(
        _ batches: RPCAsyncSequence<Batch, any Error>, _ context: ServerContext,
        _ writer: RPCWriter<Answer>
    ) async throws {
        let turns = StreamTurns()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                for try await batch in batches {
                    guard turns.begin() else { break }
                    try await writer.write(answer(batch, method: context.descriptor.method))
                    guard turns.end() else { break }
                }
                return true
            }
            group.addTask {
                // Of a caller that has left, and of all when the server begins to drain.
                try await context.cancellation.cancelled
                return !status.isDraining || turns.close()
            }
            while let isOver = try await group.next(), !isOver {}
        }
    }

    private func answer(_ batch: Batch, method: String) async -> Answer {
        let call = ServedCall([:], method: method)
        var message = Answer()
        message.number = batch.number
        do {
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

    /// - Returns: Whether the batch that came is to be worked on.
    func begin() -> Bool {
        state.withLock { state in
            state.isWorking = !state.isClosed
            return state.isWorking
        }
    }

    /// - Returns: Whether another batch may come.
    func end() -> Bool {
        state.withLock { state in
            state.isWorking = false
            return !state.isClosed
        }
    }

    /// - Returns: Whether there is no batch to wait for.
    func close() -> Bool {
        state.withLock { state in
            state.isClosed = true
            return !state.isWorking
        }
    }
}
