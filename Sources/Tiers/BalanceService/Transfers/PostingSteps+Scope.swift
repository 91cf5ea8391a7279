import Chain

extension PostingSteps {
    /// Groups that are posted together, and how that went so far.
    struct Scope: Sendable {
        let places: [Int]
        /// The places of groups that need what another transaction keeps locked: they wait no more.
        var apart: Set<Int>
        /// Set by the first try of which it is not known whether it was committed.
        var settleBy: Deadline?
        var failures = 0
        var sameIDFailures = 0
        /// A lock was not had in time: who keeps which is looked for next.
        var isLooking = false
        var hasWaited = false
        /// How often was looked.
        var looks = 0
        private var pause: Duration?
        private var looksWaitedFor = 0

        init(_ places: [Int], apart: Set<Int>, settleBy: Deadline? = nil) {
            self.places = places
            self.apart = apart
            self.settleBy = settleBy
        }

        /// - Parameter result: That of a group that the last try did not do; an earlier one may have.
        func notDone(_ result: GroupResult) -> GroupResult {
            settleBy == nil ? result : .outcomeUnknown
        }

        /// The first time not at all, then longer each time.
        mutating func pauseAfterFailure() {
            if failures > 1 { pause = .milliseconds(1) * (1 << min(failures, 6)) }
        }

        mutating func takePause() -> Duration? {
            defer { pause = nil }
            return pause
        }

        /// Longer each time; not before the first look.
        mutating func takePauseBeforeLook() -> Duration? {
            guard looks > looksWaitedFor else { return nil }
            looksWaitedFor = looks
            return .milliseconds(10) * (1 << looks)
        }
    }
}
