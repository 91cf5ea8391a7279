import Chain
import HTTPTypes
import HummingbirdCore

/// What a route gets: the request's path and query, and the terms it is to be answered on.
struct BankRequest: Sendable {
    var uri: URI
    var deadline: Deadline
    /// This tier's own span of the request's trace.
    var trace: TraceContext

    /// What to pass on to the tiers behind: the trace, when it is sampled.
    var sampledTrace: TraceContext? { trace.isSampled ? trace.child() : nil }
}

extension TraceContext {
    /// This tier's span in the caller's trace, or in a new one when the caller sent none that the
    /// standard accepts.
    static func serving(_ head: HTTPRequest) -> TraceContext {
        guard let text = head.headerFields[.traceparent], let caller = TraceContext(text) else {
            return .random(isSampled: false)
        }
        return caller.child()
    }
}

extension Deadline {
    /// How long a request may take when it does not say.
    static let standard = Duration.seconds(5)

    /// - Returns: `nil` when the request's `grpc-timeout` is not in gRPC's syntax.
    static func asked(by head: HTTPRequest) -> Deadline? {
        guard let text = head.headerFields[.grpcTimeout] else { return .after(standard) }
        return GRPCTimeout(text).map { .after($0.duration) }
    }
}

extension HTTPField.Name {
    // Names that the project spells itself are valid tokens; the fallbacks are never used.
    static let traceparent = Self(TraceContext.headerName) ?? .via
    static let traceresponse = Self("traceresponse") ?? .via
    static let grpcTimeout = Self(GRPCTimeout.headerName) ?? .via
    static let serverTiming = Self(ServerTiming.headerName) ?? .via
}
