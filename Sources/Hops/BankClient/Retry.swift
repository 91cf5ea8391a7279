import Chain

/// When a write is asked again with its id, which makes that safe.
///
/// After a definite 503 as a ``ReadRetry``; after an answer that was lost a few times more, as only
/// another answer can tell what came of it. Never past the deadline.
struct WriteRetry: Sendable {
    static let mostRepeats = 5

    private var definite = ReadRetry()
    private var repeats = 0
    private var backoff = Backoff()

    /// - Parameters:
    ///   - isLost: whether this try's answer, or an earlier one's, was lost.
    ///   - result: what the last try ended with.
    ///   - remaining: the time that is left for all.
    /// - Returns: how long to wait before the next try; `nil` to make do with the result.
    mutating func delay(
        isLost: Bool, after result: Result<RawAnswer, TellerError>, remaining: Duration
    ) -> Duration? {
        guard isLost else { return definite.delay(after: result, remaining: remaining) }
        guard repeats < Self.mostRepeats else { return nil }
        let delay = backoff.next()
        guard delay < remaining else { return nil }
        repeats += 1
        return delay
    }
}
