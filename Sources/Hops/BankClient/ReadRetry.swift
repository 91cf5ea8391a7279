import Chain

/// When a read is asked again: on 503, twice at most, and only if there is time left; where it is to
/// be of a version or later, also for as long as that is not reached.
///
/// What the server asks to wait is kept to, where it is short; anything else that fails, fails.
struct ReadRetry: Sendable {
    static let mostRetries = 2
    static let longestWait: Duration = .seconds(2)
    /// The longest time between two looks for a version.
    static let longestLook: Duration = .milliseconds(500)
    /// What the last look for a version needs.
    static let timeToLook: Duration = .milliseconds(100)

    /// Whether to wait for a version that the account has not reached.
    var awaitsVersion = false

    private var retries = 0
    private var backoff = Backoff()
    private var looks = Backoff(shortest: .milliseconds(20), longest: longestLook)

    init(awaitsVersion: Bool = false) {
        self.awaitsVersion = awaitsVersion
    }

    /// - Parameters:
    ///   - result: what the last try ended with.
    ///   - remaining: the time that is left for all.
    /// - Returns: how long to wait before the next try; `nil` to make do with the result.
    mutating func delay(
        after result: Result<RawAnswer, TellerError>, remaining: Duration
    ) -> Duration? {
        guard case .success(let answer) = result else { return nil }
        switch answer.status {
        case 503: return delayOfRetry(answer, remaining)
        // The only conflict that a read can meet.
        case 409 where awaitsVersion: return delayOfLook(remaining)
        default: return nil
        }
    }

    /// The result to make do with: when the time is up during a look, what the look before found.
    func last(
        _ result: Result<RawAnswer, TellerError>, after earlier: RawAnswer?
    ) -> Result<RawAnswer, TellerError> {
        guard awaitsVersion, let earlier, earlier.status == 409 else { return result }
        switch result {
        case .success(let answer): return .success(answer.status == 504 ? earlier : answer)
        case .failure(let error):
            return error.status == .temporaryFailure ? .success(earlier) : result
        }
    }

    private mutating func delayOfRetry(_ answer: RawAnswer, _ remaining: Duration) -> Duration? {
        guard retries < Self.mostRetries else { return nil }
        let asked = answer.retryAfter.map { Duration.seconds(min(max(0, $0), 3600)) }
        let delay = max(backoff.next(), asked ?? .zero)
        guard delay <= Self.longestWait, delay < remaining else { return nil }
        retries += 1
        return delay
    }

    private mutating func delayOfLook(_ remaining: Duration) -> Duration? {
        guard remaining > Self.timeToLook else { return nil }
        return min(looks.next(), remaining - Self.timeToLook)
    }
}
