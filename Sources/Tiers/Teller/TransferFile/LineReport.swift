import BankClient

/// Shows the outcomes of a file's lines, and sums them up.
struct LineReport: Sendable {
    let view: LineOutcomeView
    let repetition: FileRepetition
    let progress: BatchProgress
    /// How many lines the file has.
    let count: Int

    private var counts: [LineOutcome.Kind: Int] = [:]
    private var total = 0
    /// The line that none was sent from on, where the run stopped early.
    private var firstUnsent: Int?

    init(
        view: LineOutcomeView, repetition: FileRepetition, progress: BatchProgress, count: Int
    ) {
        (self.view, self.repetition, self.progress, self.count) = (
            view, repetition, progress, count
        )
    }

    func drawProgress() { progress.draw(total, of: count) }

    /// Prints a row for each line.
    ///
    /// - Parameters:
    ///   - results: the outcomes of those that could be sent, in order; empty where they were not.
    ///   - next: the first line behind these that there is something to send for.
    /// - Throws: what is known of the lines so far, where it cannot be printed.
    mutating func show(
        _ lines: FileSteps.Lines, _ results: [WriteOutcome<WriteReceipt>], next: Int?
    ) throws(TellerError) {
        var rest = results.makeIterator()
        let wasSent = results.contains { !$0.isUnsent }
        var text = total == 0 ? view.header : ""
        for line in lines {
            let outcome: LineOutcome =
                switch line.content {
                case .failure(let error): LineOutcome(kind: .invalid, why: error.description)
                case .success:
                    rest.next().map(LineOutcome.init)
                        ?? LineOutcome(kind: .notDone, why: "not sent")
                }
            counts[outcome.kind, default: 0] += 1
            total += 1
            if !wasSent, outcome.kind == .notDone { firstUnsent = firstUnsent ?? line.number }
            // Thousands of lines that say so would hide those that say more; the last one counts them.
            if results.isEmpty, outcome.kind == .notDone, view.format == .table { continue }
            text += try view.line(line, outcome)
        }
        progress.erase()
        do throws(TellerError) {
            try StandardStreams.write(text)
        } catch {
            firstUnsent = firstUnsent ?? next
            throw advised(unwritable(error))
        }
    }

    /// Says how it ended.
    ///
    /// - Parameter stop: why the rest was not sent, if it was not.
    /// - Throws: why not all is well, if it is not: what is worst decides.
    func end(_ stop: TellerError?) throws(TellerError) {
        if self[.done] == total, view.format == .table {
            let bank = view.bank.map { " at bank \($0.text)" } ?? ""
            try StandardStreams.write("\n\(said)\(bank).\n")
        }
        if let worst = worst(stop) { throw advised(worst) }
    }

    private subscript(_ kind: LineOutcome.Kind) -> Int { counts[kind, default: 0] }

    /// Such as `3 done, 1 refused`.
    private var said: String {
        let parts = LineOutcome.Kind.allCases.compactMap { kind in
            self[kind] == 0 ? nil : "\(self[kind].grouped) \(kind.words)"
        }
        return parts.joined(separator: ", ")
    }

    private var saidWithUnsent: String {
        said + (firstUnsent.map { "; nothing was sent from line \($0) on" } ?? "")
    }

    private func unwritable(_ error: TellerError) -> TellerError {
        let isUnknown = self[.unknown] > 0
        return error.said(after: "\(isUnknown ? "UNKNOWN: " : "")\(saidWithUnsent): ")
            .advising(repetition.advice)
            .changed { if isUnknown { $0.status = .outcomeUnknown } }
    }

    private func worst(_ stop: TellerError?) -> TellerError? {
        if self[.unknown] > 0 {
            return TellerError(
                .outcomeUnknown, "UNKNOWN: \(saidWithUnsent)",
                advice: "'teller resume' settles those that are unknown; \(repetition.advice)")
        }
        if let stop { return stop.about(saidWithUnsent).advising(repetition.advice) }
        if self[.refused] > 0 { return TellerError(.refused, said) }
        return self[.invalid] > 0 ? TellerError(.dataError, said) : nil
    }

    /// The same failure, with what to do about the lines that are wrong, whatever else there was.
    private func advised(_ failure: TellerError) -> TellerError {
        self[.invalid] == 0
            ? failure
            : failure.advising("correct the invalid lines, and send them in a file of their own")
    }
}

extension WriteResult {
    /// Whether no bank was reached.
    fileprivate var isUnsent: Bool {
        if case .nothingDone(nil, _) = self { true } else { false }
    }
}
