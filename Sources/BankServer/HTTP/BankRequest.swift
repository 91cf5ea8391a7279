import BankAPI
import Chain
import HTTPTypes
import HummingbirdCore

/// What a route gets: the request's method, path, query and body, and the terms it is to be answered
/// on.
struct BankRequest: Sendable {
    var method: HTTPRequest.Method
    var uri: URI
    /// Of a POST.
    var body: [UInt8] = []
    var deadline: Deadline
    /// This tier's own span of the request's trace.
    var trace: TraceContext

    /// What to pass on to the tiers behind: the trace, when it is sampled.
    var sampledTrace: TraceContext? { trace.isSampled ? trace.child() : nil }
}

/// What is told of a request when it was answered.
struct RequestNotes: Sendable {
    /// What kind of write it was.
    var kind: String?
    /// The code of its problem.
    var code: ProblemCode?
    /// Whether its body was read to its end.
    var isBodyRead = false
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
