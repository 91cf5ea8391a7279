import BalanceAPI
import Chain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Those whose requests share a batch, each once.
struct BatchCallers {
    private struct Key: Hashable {
        var token: [UInt8]?
        var source: String?

        /// The token in one go, not byte by byte.
        func hash(into hasher: inout Hasher) {
            token?.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    private(set) var callers: [Teller_Balance_V1_Caller] = []
    private var places: [Key: UInt32] = [:]

    /// - Returns: The caller's place, from 1.
    mutating func place(of context: CallContext) -> UInt32 {
        let key = Key(token: context.token, source: context.source)
        if let place = places[key] { return place }
        callers.append(context.caller)
        places[key] = UInt32(callers.count)
        return UInt32(callers.count)
    }
}

extension CallContext {
    fileprivate var caller: Teller_Balance_V1_Caller {
        var caller = Teller_Balance_V1_Caller()
        if let token { caller.token = Data(token) }
        if let source { caller.source = source }
        return caller
    }
}

extension Teller_Balance_V1_CallContext {
    /// - Parameters:
    ///   - callers: The batch's, which get this one.
    ///   - reserve: How much sooner the caller's time is over for the service.
    init(_ context: CallContext, _ callers: inout BatchCallers, reserve: Duration = .zero) {
        self.init()
        caller = callers.place(of: context)
        traceIDHigh = UInt64(truncatingIfNeeded: context.traceID >> 64)
        traceIDLow = UInt64(truncatingIfNeeded: context.traceID)
        // Zero would mean 'no deadline of its own'.
        timeoutMicroseconds = UInt64(
            max(1, (context.deadline.remaining - reserve).wholeMicroseconds))
        guard let trace = context.trace else { return }
        traceparent = trace.description
        if let state = context.traceState { tracestate = state }
    }
}
