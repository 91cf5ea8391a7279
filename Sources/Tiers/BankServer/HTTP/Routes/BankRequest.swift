import BankAPI
import Chain
import NIOHTTP1

/// What a route gets: the request's method, query and body, and the terms it is to be answered on.
struct BankRequest: Sendable {
    var method: HTTPMethod
    var query: Substring
    /// Of a POST or a PUT.
    var body: [UInt8]
    /// Of the session that the caller has; nil: she has not signed in.
    var token: SessionToken?
    /// The address of who asks; nil: nobody said.
    var source: String?
    var deadline: Deadline
    /// This tier's own span of the request's trace.
    var trace: TraceContext
    /// The tracestate that came with the trace.
    var traceState: String?

    /// What to pass on to the tiers behind: the trace only when it is sampled.
    var context: CallContext {
        CallContext(
            deadline: deadline, trace: trace.isSampled ? trace.child() : nil,
            traceState: trace.isSampled ? traceState : nil, token: token?.bytes, source: source,
            traceID: trace.traceID)
    }
}
