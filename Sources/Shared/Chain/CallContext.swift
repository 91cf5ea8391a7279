/// What differs between the callers that share a call, and goes with each of them through the chain.
///
/// One call of a hop serves many callers, so none of this can be the call's own.
public struct CallContext: Sendable, Hashable {
    /// By when this caller wants its answer.
    public var deadline: Deadline
    /// The caller's span, when its trace is sampled.
    public var trace: TraceContext?
    /// The tracestate that came with it, as it came. Source: W3C Trace Context, section 3.3.
    public var traceState: String?
    /// The token of the caller's session, 32 bytes.
    public var token: [UInt8]?
    /// The address that the caller's request came from.
    public var source: String?
    /// Of the caller's trace, sampled or not; zero: there is none.
    public var traceID: UInt128

    public init(
        deadline: Deadline, trace: TraceContext? = nil, traceState: String? = nil,
        token: [UInt8]? = nil, source: String? = nil, traceID: UInt128 = 0
    ) {
        self.deadline = deadline
        self.trace = trace
        self.traceState = traceState
        self.token = token
        self.source = source
        self.traceID = traceID
    }
}
