import BalanceAPI
import Chain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tokens of those whose requests share a batch, each once.
struct BatchTokens {
    private(set) var tokens: [Data] = []
    private var places: [[UInt8]: UInt32] = [:]

    /// - Returns: The token's place, from 1; 0 where there is none.
    mutating func place(of token: [UInt8]?) -> UInt32 {
        guard let token else { return 0 }
        if let place = places[token] { return place }
        tokens.append(Data(token))
        places[token] = UInt32(tokens.count)
        return UInt32(tokens.count)
    }
}

extension Teller_Balance_V1_CallContext {
    /// - Parameters:
    ///   - tokens: The batch's, which get the caller's.
    ///   - reserve: How much sooner the caller's time is over for the service.
    init(_ context: CallContext, _ tokens: inout BatchTokens, reserve: Duration = .zero) {
        self.init()
        caller = tokens.place(of: context.token)
        // Zero would mean 'no deadline of its own'.
        timeoutMicroseconds = UInt64(
            max(1, (context.deadline.remaining - reserve).wholeMicroseconds))
        guard let trace = context.trace else { return }
        traceparent = trace.description
        if let state = context.traceState { tracestate = state }
    }
}
