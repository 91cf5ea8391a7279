import BankAPI
import BankClient
import Ledger

/// Does a file of transfers, as ``FileSteps`` decides, and shows the outcomes.
struct TransferFileRun: Sendable {
    let file: TransferFile
    let bank: JournaledBank
    let output: OutputFormat
    let interruption: Interruption

    /// - Throws: ``TellerError`` that sums up what was not done, once all is shown.
    func run(_ start: FileSteps) async throws {
        var steps = start
        var step = steps.start
        var file = file
        var lock: AttemptLocks?
        defer { lock?.release() }
        while true {
            switch step {
            case .lock(let name):
                // Apart from the tries' own: a process has no more than one lock of a file.
                let taken = try await bank.journal.beforeSending { journal throws(JournalFailure) in
                    try await journal.lock([name], in: ".files")
                }
                lock = taken
                step = try steps.locked(isFree: !taken.held.isEmpty)
            case .findRuns:
                let (runs, damage) = try await bank.journal.runs(of: file.sha256)
                step = try steps.found(runs, damage)
                StandardStreams.complain(FileRepetition.warning(steps))
            case .stop(let damage): return try bank.journal.checkWhole(damage)
            case .plan(let base):
                try file.fillIDs(from: base)
                step = try steps.planned(
                    try await interruption.cancelling(throwing: { [file] () throws(TellerError) in
                        try await file.requests(bank.client)
                    }))
            case .lookUp(let lines):
                step = try steps.lookedUp(
                    try await interruption.cancelling(throwing: { () throws(TellerError) in
                        try await bank.recorded(lines)
                    }))
            case .note(let entries):
                try await bank.journal.beforeSending { journal throws(JournalFailure) in
                    try await journal.append(entries)
                }
                step = steps.noted()
            case .begin, .send, .pass, .end:
                let repetition = FileRepetition(base: file.base, isAtomic: steps.isAtomic)
                StandardStreams.complain(repetition.beginning(steps))
                return try await send(steps, repetition)
            }
        }
    }

    private func send(
        _ start: FileSteps, _ repetition: FileRepetition
    ) async throws(TellerError) {
        var steps = start
        var report = LineReport(
            view: LineOutcomeView(
                format: output, terminal: Terminal.standardOutput(),
                lastLine: file.lines.last?.number ?? 0, bank: bank.name,
                before: steps.recorded?.done ?? []),
            repetition: repetition,
            progress: BatchProgress(
                terminal: Terminal.standardError(), isHidden: output == .json),
            count: file.lines.count)
        do throws(TellerError) {
            while true {
                switch steps.next(isInterrupted: interruption.hasCome) {
                case .send(let lines):
                    report.drawProgress()
                    let result = await send(lines, areLinked: steps.isAtomic)
                    steps.sent(result)
                    try report.show(lines, (try? result.get()) ?? [], next: steps.firstUnsent)
                case .pass(let lines): try report.show(lines, [], next: steps.firstUnsent)
                default: return try report.end(steps.stopped)
                }
            }
        } catch {
            throw error.changed { $0.place = $0.place ?? "at bank \(bank.name.text)" }
        }
    }
}
