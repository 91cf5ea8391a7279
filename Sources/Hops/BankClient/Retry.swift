import Chain

/// What may be asked again, and when: the one place of the front client that decides so.
///
/// After a definite 503 anything may, twice at most; what the server asks to wait is kept to, where it
/// is short. So may what comes of too many tries (429), where its wait ends in time. A write has an id, which makes it safe, so one whose answer was lost is asked again a few
/// times more: only another answer can tell the outcome. A read that fails otherwise, fails. Nothing
/// is asked past the deadline.
struct Retry: Sendable {
    enum Request: Sendable {
        case read
        /// Of an account at a version or later: also for as long as that is not reached.
        case readOfVersion
        case write
    }

    static let mostRetries = 2
    /// The most repeats of a write whose answer was lost.
    static let mostRepeats = 5
    /// The longest that a server's Retry-After is kept to.
    static let longestWait: Duration = .seconds(2)
    /// The longest time between two looks for a version.
    static let longestLook: Duration = .milliseconds(500)
    /// What the last look for a version needs.
    static let timeToLook: Duration = .milliseconds(100)

    private let request: Request
    private var retries = 0
    private var repeats = 0
    private var backoff = Backoff()
    private var looks = Backoff(shortest: .milliseconds(20), longest: longestLook)

    init(of request: Request) {
        self.request = request
    }

    /// - Parameters:
    ///   - result: what the last try ended with.
    ///   - isLost: whether this try's answer, or an earlier one's, was lost: of a write.
    ///   - remaining: the time that is left for all.
    /// - Returns: how long to wait before the next try; `nil` to make do with the result.
    mutating func delay(
        after result: Result<RawAnswer, BankClientError>, isLost: Bool = false, remaining: Duration
    ) -> Duration? {
        if isLost, request == .write { return delayOfRepeat(remaining) }
        guard case .success(let answer) = result else { return nil }
        switch (answer.status, request) {
        case (503, _): return delayOfRetry(answer, remaining, longest: Self.longestWait)
        case (429, _): return delayOfRetry(answer, remaining, longest: remaining)
        // The only conflict that a read can meet.
        case (409, .readOfVersion): return delayOfLook(remaining)
        default: return nil
        }
    }

    /// The result to make do with: when the time is up during a look, what the look before found.
    func last(
        _ result: Result<RawAnswer, BankClientError>, after earlier: RawAnswer?
    ) -> Result<RawAnswer, BankClientError> {
        guard request == .readOfVersion, let earlier, earlier.status == 409 else { return result }
        switch result {
        case .success(let answer): return .success(answer.status == 504 ? earlier : answer)
        case .failure(let error): return error.isOutOfTime ? .success(earlier) : result
        }
    }

    private mutating func delayOfRetry(
        _ answer: RawAnswer, _ remaining: Duration, longest: Duration
    ) -> Duration? {
        guard retries < Self.mostRetries else { return nil }
        let asked = answer.retryAfter.map { Duration.seconds(min(max(0, $0), 3600)) }
        let delay = max(backoff.next(), asked ?? .zero)
        guard delay <= longest, delay < remaining else { return nil }
        retries += 1
        return delay
    }

    private mutating func delayOfRepeat(_ remaining: Duration) -> Duration? {
        guard repeats < Self.mostRepeats else { return nil }
        let delay = backoff.next()
        guard delay < remaining else { return nil }
        repeats += 1
        return delay
    }

    private mutating func delayOfLook(_ remaining: Duration) -> Duration? {
        guard remaining > Self.timeToLook else { return nil }
        return min(looks.next(), remaining - Self.timeToLook)
    }
}
