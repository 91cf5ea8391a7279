import Synchronization

/// Bounds how much of the traffic may be retries, so that they cannot keep a struggling tier down.
///
/// A bucket of tokens: a failure takes one, a success gives a fraction of one back, and there are
/// retries only while it is more than half full. Source: gRFC A6, "Throttling Retry Attempts".
final class RetryBudget: Sendable {
    /// How often a read is tried, and a write that surely was not done.
    static let attempts = 3

    private let capacity: Double
    private let gain: Double
    private let tokens: Mutex<Double>

    init(capacity: Double = 20, gain: Double = 0.1) {
        self.capacity = capacity
        self.gain = gain
        tokens = Mutex(capacity)
    }

    func recordSuccess() {
        tokens.withLock { $0 = min(capacity, $0 + gain) }
    }

    /// - Returns: Whether the call that failed may be tried again.
    func recordFailure() -> Bool {
        tokens.withLock { tokens in
            tokens = max(0, tokens - 1)
            return tokens > capacity / 2
        }
    }
}
