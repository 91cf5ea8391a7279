import BankAPI
import Chain
import HTTPFront
import NIOHTTP1

/// What a request's head says of how it is to be answered.
struct RequestTerms: Sendable {
    let start = ContinuousClock.now
    /// This tier's own span of the request's trace.
    let trace: TraceContext
    let method: HTTPMethod
    /// The tracestate that came with a sampled trace.
    let traceState: String?
    let target: RequestTarget
    let route: MatchedRoute?
    /// `nil` when its `grpc-timeout` is not in gRPC's syntax.
    let deadline: Deadline?
    /// Of the caller's session; nil: there is none, or what there is does not look like one.
    let token: SessionToken?

    init(_ head: HTTPRequestHead) {
        trace = TraceContext.serving(head)
        method = head.method
        traceState = trace.isSampled ? head.traceState : nil
        target = RequestTarget(head.uri)
        route = MatchedRoute(path: target.path)
        deadline = Deadline.asked(by: head)
        token = head.field("authorization").flatMap { SessionToken(authorization: $0) }
    }

    var elapsed: Duration { start.duration(to: .now) }

    /// How much time is left.
    var remaining: Duration { deadline?.remaining ?? .zero }
}

extension TraceContext {
    /// This tier's span in the caller's trace, or in a new one when the caller sent none that the
    /// standard accepts.
    fileprivate static func serving(_ head: HTTPRequestHead) -> TraceContext {
        guard let text = head.field(headerName), let caller = TraceContext(text)
        else { return .random(isSampled: false) }
        return caller.child()
    }
}

extension Deadline {
    /// How long a request may take when it does not say.
    static let standard = Duration.seconds(5)

    /// - Returns: `nil` when the request's `grpc-timeout` is not in gRPC's syntax.
    fileprivate static func asked(by head: HTTPRequestHead) -> Deadline? {
        guard let text = head.field(GRPCTimeout.headerName) else {
            return .after(standard)
        }
        return GRPCTimeout(text).map { .after($0.duration) }
    }
}

extension HTTPRequestHead {
    /// W3C Trace Context, section 3.3: several fields are one list.
    fileprivate var traceState: String? {
        let fields = headers["tracestate"]
        return fields.isEmpty ? nil : fields.joined(separator: ",")
    }
}
