import BalanceAPI
import Chain

extension Teller_Balance_V1_CallContext {
    /// - Parameter reserve: How much sooner the caller's time is over for the service.
    init(_ context: CallContext, reserve: Duration = .zero) {
        self.init()
        // Zero would mean 'no deadline of its own'.
        timeoutMicroseconds = UInt64(
            max(1, (context.deadline.remaining - reserve).wholeMicroseconds))
        guard let trace = context.trace else { return }
        traceparent = trace.description
        if let state = context.traceState { tracestate = state }
    }
}
