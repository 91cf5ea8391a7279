/// When a read is asked again: on 503 only, twice at most, and only if there is time left.
///
/// What the server asks to wait is kept to, where it is short; anything else that fails, fails.
struct ReadRetry: Sendable {
    static let mostRetries = 2
    static let longestWait: Duration = .seconds(2)

    private var retries = 0

    /// - Parameters:
    ///   - result: what the last try ended with.
    ///   - remaining: the time that is left for all.
    /// - Returns: how long to wait before the next try; `nil` to make do with the result.
    mutating func delay(
        after result: Result<RawAnswer, TellerError>, remaining: Duration
    ) -> Duration? {
        guard case .success(let answer) = result, answer.status == 503,
            retries < Self.mostRetries
        else { return nil }
        let backoff: Duration = .milliseconds(50 << (2 * retries) + Int.random(in: 0...25))
        let asked = answer.retryAfter.map { Duration.seconds(min(max(0, $0), 3600)) }
        let delay = max(backoff, asked ?? .zero)
        guard delay <= Self.longestWait, delay < remaining else { return nil }
        retries += 1
        return delay
    }
}
