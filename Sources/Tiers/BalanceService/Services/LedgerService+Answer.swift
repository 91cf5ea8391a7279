import BalanceAPI
import Chain
import GRPCCore
import Logging

extension LedgerService {
    /// Answers a call that is not batched: refused when its time is up, timed when its trace is sampled.
    ///
    /// - Parameters:
    ///   - detail: What the call is, in the trace.
    ///   - statement: What PostgreSQL does for it, in the trace.
    ///   - body: Asks PostgreSQL.
    func answer<Message: Sendable>(
        _ call: ServedCall, detail: String, statement: String,
        _ body: () async throws -> Message
    ) async throws -> ServerResponse<Message> {
        try call.refuseExpired(logger: logger)
        let start = ContinuousClock.now
        let message = try await call.answering(logger: logger, body)
        guard call.isSampled else { return ServerResponse(message: message) }
        let databaseTime = start.duration(to: .now)
        logger.info("\(detail)", metadata: call.metadata(for: call.trace))
        return ServerResponse(
            message: message,
            trailingMetadata: Metadata(
                call.timing(detail: detail, databaseTime: databaseTime, statement: statement)))
    }
}

extension LedgerService {
    /// The same for what only reads: it ends when its caller leaves.
    func answer<Message: Sendable>(
        _ call: ServedCall, _ context: ServerContext, detail: String, statement: String,
        reading body: @escaping @Sendable () async throws -> Message
    ) async throws -> ServerResponse<Message> {
        try await answer(call, detail: detail, statement: statement) {
            try await call.whileWanted(context, status, body)
        }
    }
}
