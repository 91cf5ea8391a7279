import BankAPI
import Chain
import NIOCore
import NIOHTTP1

/// What a route gets: the request's method, query and body, and the terms it is to be answered on.
struct BankRequest: Sendable {
    var method: HTTPMethod
    var query: Substring
    /// Of a POST or a PUT.
    var body: [UInt8]
    /// Of the session that the caller has; nil: she has not signed in.
    var token: SessionToken?
    /// Who is at the other end of the connection.
    var source: SocketAddress?
    var deadline: Deadline
    /// This tier's own span of the request's trace.
    var trace: TraceContext
    /// The tracestate that came with the trace.
    var traceState: String?

    /// What to pass on to the tiers behind: the trace only when it is sampled.
    var context: CallContext {
        let token = token?.bytes
        guard trace.isSampled else { return CallContext(deadline: deadline, token: token) }
        return CallContext(
            deadline: deadline, trace: trace.child(), traceState: traceState, token: token)
    }
}
