import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Logging
import Postgres

/// What a call, or a batch of a stream, brings with it besides its message: when it came, its deadline and
/// its traces.
struct ServedCall: Sendable {
    /// For calls that set none.
    static let defaultTimeout = Duration.seconds(5)

    let start: ContinuousClock.Instant
    /// The deadline of the call itself; `nil` when its members bring their own.
    let ownDeadline: Deadline?
    let trace: TraceContext?
    /// The callers' spans, those that are sampled: no one of them is the batch's own.
    private(set) var links: [TraceContext] = []
    let method: String

    /// - Parameter metadata: The call's; of a batch of a stream none, as all is in its message.
    init(_ metadata: Metadata, method: String) {
        start = .now
        self.method = method
        let timeout = metadata[stringValues: GRPCTimeout.headerName].first { _ in true }
            .flatMap { GRPCTimeout($0)?.duration }
        ownDeadline = timeout.map { .after($0) }
        trace = metadata[stringValues: TraceContext.headerName].first { _ in true }
            .flatMap { TraceContext($0) }
    }

    /// Begins a batch: the same call, linked to the traces of its members, when its time is not over.
    ///
    /// - Throws: `GoogleRPCStatus`, DEADLINE_EXCEEDED.
    func begin(
        _ members: some Sequence<Teller_Balance_V1_CallContext>, logger: Logger
    ) throws -> ServedCall {
        var call = self
        call.links = members.lazy.filter { !$0.traceparent.isEmpty }
            .compactMap { TraceContext($0.traceparent) }.filter(\.isSampled)
        try call.refuseExpired(logger: logger)
        return call
    }

    /// The call's deadline, or the one of calls that set none.
    var deadline: Deadline {
        ownDeadline ?? Deadline(start.advanced(by: Self.defaultTimeout))
    }

    /// The deadline of a member of the call's batch, never later than the call's own.
    ///
    /// - Parameter timeoutMicroseconds: What was left of the member's time when the call was sent; zero:
    ///   as long as the call itself.
    func deadline(ofMember timeoutMicroseconds: UInt64) -> Deadline {
        guard timeoutMicroseconds > 0 else { return deadline }
        let timeout = Duration.microseconds(Int64(clamping: timeoutMicroseconds))
        let own = Deadline(start.advanced(by: min(timeout, Deadline.longest)))
        return ownDeadline.map { min($0, own) } ?? own
    }

    var isSampled: Bool { trace?.isSampled ?? false || !links.isEmpty }

    /// What a sampled call spent.
    func timing(detail: String, databaseTime: Duration?, statement: String) -> ServerTiming {
        var timing = ServerTiming([
            .init(name: "balance-service", duration: start.duration(to: .now), detail: detail)
        ])
        if let databaseTime {
            timing.metrics.append(
                .init(name: "postgresql", duration: databaseTime, detail: statement))
        }
        return timing
    }

    func metadata(for trace: TraceContext?) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "method": "\(method)", "duration_us": "\(start.duration(to: .now).wholeMicroseconds)",
        ]
        if let trace { metadata["trace"] = .string(trace.traceIDText) }
        return metadata
    }

    private func metadata(for error: any Error) -> Logger.Metadata {
        var metadata = metadata(for: trace)
        metadata["cause"] = .string(String(reflecting: error))
        if !links.isEmpty {
            metadata["links"] = .array(links.prefix(10).map { .string($0.traceIDText) })
        }
        return metadata
    }

    /// Logs a line for each member whose trace is sampled, so that a trace is found in every tier.
    func logLinks(_ message: Logger.Message, logger: Logger) {
        for trace in links { logger.info(message, metadata: metadata(for: trace)) }
    }

    /// A request that nobody waits for any more is not worth a query.
    ///
    /// - Throws: `GoogleRPCStatus`, DEADLINE_EXCEEDED.
    func refuseExpired(logger: Logger) throws {
        guard deadline.hasPassed else { return }
        throw status(for: BatcherError.deadlineExceeded, logger: logger)
    }

    /// Turns what went wrong behind this tier into what a caller may know; the log has the rest.
    func answering<Result>(
        logger: Logger, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let refusal as GoogleRPCStatus {
            throw refusal
        } catch {
            throw status(for: error, logger: logger)
        }
    }

    /// What to answer when something behind this tier went wrong; logs it when it is ours to mend.
    func status(for error: any Error, logger: Logger) -> GoogleRPCStatus {
        let reason = BalanceErrorReason(behind: error)
        switch reason {
        case .internal: logger.error("call failed", metadata: metadata(for: error))
        case .databaseUnavailable:
            logger.warning("database unavailable", metadata: metadata(for: error))
        default: logger.debug("call refused", metadata: metadata(for: error))
        }
        return reason.status(reason.explanation)
    }
}

extension BalanceErrorReason {
    fileprivate init(behind error: any Error) {
        switch error {
        case BatcherError.overloaded: self = .overloaded
        case BatcherError.deadlineExceeded: self = .deadlineExceeded
        case BatcherError.closed, is CancellationError: self = .shuttingDown
        case let error as PostgresError: self = Self(error)
        case let error as PostgresTransactionError: self.init(behind: error.underlying)
        default: self = .internal
        }
    }

    private init(_ error: PostgresError) {
        switch error.code {
        case .deadlineExceeded: self = .deadlineExceeded
        case .poolExhausted, .poolTimeout: self = .overloaded
        case .cancelled, .poolClosed, .connectionClosed: self = .shuttingDown
        // Only of what reads, and settles: a write says itself that it is unknown.
        case .authenticationFailed, .commitOutcomeUnknown: self = .databaseUnavailable
        default: self = error.isTransient ? .databaseUnavailable : .internal
        }
    }

    /// For the caller: what happened, without what only an operator should see.
    fileprivate var explanation: String {
        switch self {
        case .databaseUnavailable: "PostgreSQL does not answer the balance service"
        case .shuttingDown: "the balance service is shutting down"
        case .overloaded: "the balance service has too many requests waiting"
        case .deadlineExceeded: "the deadline passed before PostgreSQL answered"
        default: "internal error in the balance service; see its log"
        }
    }
}
