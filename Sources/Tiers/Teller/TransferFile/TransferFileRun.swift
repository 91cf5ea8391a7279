import BankAPI
import BankClient
import Ledger

/// Does what a plan says, a batch at a time and in the file's order, and shows the outcomes.
struct TransferFileRun: Sendable {
    let plan: TransferPlan
    let bank: JournaledBank
    let isAtomic: Bool
    let view: LineOutcomeView
    let progress: BatchProgress

    /// - Throws: ``TellerError`` that sums up what was not done, once all is shown.
    func run(_ interruption: Interruption) async throws(TellerError) {
        do throws(TellerError) {
            try await send(interruption)
        } catch {
            var failure = error
            failure.place = failure.place ?? "at bank \(bank.name.text)"
            throw failure
        }
    }

    private func send(_ interruption: Interruption) async throws(TellerError) {
        let sender = TransferSender(bank: bank, interruption: interruption)
        var counts = LineCounts()
        var stop: TellerError?
        for steps in batches {
            if stop == nil, interruption.hasCome {
                stop = TellerError(.interrupted, "interrupted")
            }
            let requests = steps.compactMap { try? $0.request.get() }
            var results: [WriteOutcome<WriteReceipt>] = []
            if stop == nil, !requests.isEmpty {
                progress.draw(counts.total, of: plan.steps.count)
                do throws(TellerError) {
                    results = try await sender.send(requests, areLinked: isAtomic)
                    stop = Self.stop(results)
                } catch {
                    stop = error
                }
            }
            do throws(TellerError) {
                try show(steps, results, &counts)
            } catch {
                counts.firstUnsent = counts.firstUnsent ?? firstLine(after: steps)
                throw counts.failure(unwritable: error, plan.repetition)
            }
        }
        if let summary = view.summary(counts) { try StandardStreams.write(summary) }
        if let failure = counts.failure(stop, plan.repetition) { throw failure }
    }

    /// Prints a line for each step of a batch.
    private func show(
        _ steps: ArraySlice<TransferPlan.Step>, _ results: [WriteOutcome<WriteReceipt>],
        _ counts: inout LineCounts
    ) throws(TellerError) {
        var rest = results.makeIterator()
        var text = counts.total == 0 ? view.header : ""
        let wasSent = results.contains { !$0.isUnsent }
        for step in steps {
            let outcome: LineOutcome =
                switch step.request {
                case .failure(let error): .invalid(why: error.description)
                case .success: rest.next().map(LineOutcome.init) ?? .notDone(why: "not sent")
                }
            counts.count(outcome)
            if !wasSent, outcome.kind == .notDone, counts.firstUnsent == nil {
                counts.firstUnsent = step.line
            }
            // Thousands of lines that say so would hide those that say more; the last one counts them.
            if results.isEmpty, outcome.kind == .notDone, view.format == .table { continue }
            text += try view.line(step, outcome)
        }
        progress.erase()
        try StandardStreams.write(text)
    }

    /// The first line behind a batch that there is something to send for.
    private func firstLine(after steps: ArraySlice<TransferPlan.Step>) -> Int? {
        plan.steps[steps.endIndex...].first { (try? $0.request.get()) != nil }?.line
    }

    private var batches: [ArraySlice<TransferPlan.Step>] {
        let size = TransferBatch.limit
        return stride(from: 0, to: plan.steps.count, by: size).map {
            plan.steps[$0..<min($0 + size, plan.steps.count)]
        }
    }

    /// Why not to go on: the bank does not answer, and later lines may need earlier ones.
    private static func stop(_ results: [WriteOutcome<WriteReceipt>]) -> TellerError? {
        for result in results where !result.isFinal {
            switch result {
            case .done, .refused: continue
            case .unknown(let error), .nothingDone(_, let error): return error
            }
        }
        return nil
    }
}

extension WriteResult {
    /// Whether no bank was reached.
    fileprivate var isUnsent: Bool {
        if case .nothingDone(nil, _) = self { true } else { false }
    }
}
