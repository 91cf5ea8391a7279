/// How many lines came to what.
struct LineCounts: Sendable, Hashable {
    private var counts: [LineOutcome.Kind: Int] = [:]
    private(set) var total = 0
    /// The line that none was sent from on, where the run stopped early.
    var firstUnsent: Int?

    mutating func count(_ outcome: LineOutcome) {
        counts[outcome.kind, default: 0] += 1
        total += 1
    }

    subscript(_ kind: LineOutcome.Kind) -> Int { counts[kind, default: 0] }

    /// Such as `3 done, 1 refused`.
    var description: String {
        let parts = LineOutcome.Kind.allCases.compactMap { kind in
            self[kind] == 0 ? nil : "\(self[kind].grouped) \(kind.words)"
        }
        return parts.joined(separator: ", ")
    }

    private var unsent: String {
        firstUnsent.map { "; nothing was sent from line \($0) on" } ?? ""
    }

    /// The outcomes of the lines so far, where it could not be shown and no more were sent.
    func failure(unwritable error: TellerError, _ repetition: FileRepetition) -> TellerError {
        let isUnknown = self[.unknown] > 0
        var failure = error.said(
            after: "\(isUnknown ? "UNKNOWN: " : "")\(description)\(unsent): ")
        failure.advise(repetition.advice)
        if isUnknown { failure.status = .outcomeUnknown }
        return advised(failure)
    }

    /// Why not all is well, if it is not: what is worst decides.
    ///
    /// - Parameter stop: why the rest was not sent, if it was not.
    func failure(_ stop: TellerError?, _ repetition: FileRepetition) -> TellerError? {
        worst(stop, repetition).map(advised)
    }

    private func worst(_ stop: TellerError?, _ repetition: FileRepetition) -> TellerError? {
        if self[.unknown] > 0 {
            return TellerError(
                .outcomeUnknown, "UNKNOWN: \(description)\(unsent)",
                advice: "'teller resume' settles those that are unknown; \(repetition.advice)")
        }
        if let stop {
            var error = stop
            error.what = "\(description)\(unsent): \(stop.what)"
            error.advise(repetition.advice)
            return error
        }
        if self[.refused] > 0 { return TellerError(.refused, description) }
        return self[.invalid] > 0 ? TellerError(.dataError, description) : nil
    }

    /// The same failure, with what to do about the lines that are wrong, whatever else there was.
    private func advised(_ failure: TellerError) -> TellerError {
        guard self[.invalid] > 0 else { return failure }
        var failure = failure
        failure.advise("correct the invalid lines, and send them in a file of their own")
        return failure
    }
}
