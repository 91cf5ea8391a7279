import BankAPI
import Ledger

/// Sends transfers in batches, each in the journal before it is sent.
struct TransferSender: Sendable {
    /// How often the members of a batch are sent that the bank could not do at once.
    static let mostRounds = 3

    let client: BankClient
    let journal: Journal
    let ledger: Identifier

    /// Sends up to ``TransferBatch/limit`` transfers, each on its own.
    ///
    /// - Returns: what came of each, in order.
    /// - Throws: when the journal did not take them, and nothing was sent.
    func send(
        _ requests: [TransferRequest]
    ) async throws(TellerError) -> [WriteResult<Transfer>] {
        let intents = requests.map {
            JournalIntent(.transfer($0), ledger: ledger, server: client.address)
        }
        try await journal.append(intents)
        let results = await rounds(requests)
        return await write(
            results, zip(results, intents).flatMap { JournalOutcome.all($0, of: [$1.attempt]) })
    }

    /// Sends a group of which all are done, or none.
    func sendLinked(
        _ requests: [TransferRequest]
    ) async throws(TellerError) -> [WriteResult<Transfer>] {
        let intent = JournalIntent(.linked(requests), ledger: ledger, server: client.address)
        try await journal.append([intent])
        let results = await ask(requests, isAtomic: true)
        return await write(
            results, JournalOutcome.all(Self.together(results), of: [intent.attempt]))
    }

    private func rounds(_ requests: [TransferRequest]) async -> [WriteResult<Transfer>] {
        var results = await ask(requests, isAtomic: false)
        for round in 1..<Self.mostRounds {
            let open = results.indices.filter { !results[$0].isFinal }
            // Where none was answered, the client has asked as often as it may.
            guard !open.isEmpty, open.count < requests.count,
                (try? await Task.sleep(for: .milliseconds(50 << round))) != nil
            else { break }
            let again = await ask(open.map { requests[$0] }, isAtomic: false)
            for (index, result) in zip(open, again) {
                results[index] = results[index].followed(by: result)
            }
        }
        return results
    }

    private func ask(
        _ requests: [TransferRequest], isAtomic: Bool
    ) async -> [WriteResult<Transfer>] {
        let batch = TransferBatch(ledger: ledger, atomic: isAtomic, transfers: requests)
        // A signal ends the wait for the answer, and leaves time to write down what is known.
        let interruption = await Interruption.trapping()
        let answer = await interruption.cancelling { [client] in
            await client.restarted()
                .write(BankRoute.transferBatch, batch, as: TransferBatchAnswer.self)
        }
        let same = { (result: WriteResult<Transfer>) in requests.map { _ in result } }
        switch answer {
        case .done(let answer) where answer.outcomes.count == requests.count:
            let results = zip(answer.outcomes, requests).map { client.result($0, of: $1) }
            return isAtomic ? Self.linked(results) : results
        case .done:
            return same(.unknown(client.notABank("it has an outcome too many, or too few")))
        case .refused(let code, let error): return same(.refused(code, error))
        case .nothingDone(let code, let error): return same(.nothingDone(code, error))
        case .unknown(let error): return same(.unknown(error))
        }
    }

    /// What came of the members of a group, where one that is not known leaves none known, and one
    /// that could not be done leaves none refused for ever.
    private static func linked(_ results: [WriteResult<Transfer>]) -> [WriteResult<Transfer>] {
        let whole = together(results)
        switch whole {
        case .done, .refused: return results
        case .nothingDone, .unknown: return results.map { _ in whole }
        }
    }

    /// What came of a group as one: no bank does a part of it.
    private static func together(_ results: [WriteResult<Transfer>]) -> WriteResult<Transfer> {
        let done = results.count { $0.isDone }
        let part = WriteResult<Transfer>.unknown(
            TellerError(.protocolError, "the bank says that \(done) of \(results.count) are done"))
        if let unknown = results.first(where: \.isUnknown) { return unknown }
        if let nothing = results.first(where: { !$0.isFinal }) { return done == 0 ? nothing : part }
        let refusals = results.filter { !$0.isDone }
        guard let refusal = refusals.first(where: { !$0.isLinkedRefusal }) ?? refusals.first else {
            return results.first ?? part
        }
        return done == 0 ? refusal : part
    }

    /// What came of it is known, also when the journal does not take it; but what was not done
    /// would then be done by a later `teller resume`.
    private func write(
        _ results: [WriteResult<Transfer>], _ outcomes: [JournalOutcome]
    ) async -> [WriteResult<Transfer>] {
        do throws(TellerError) {
            try await journal.append(outcomes)
            return results
        } catch {
            StandardStreams.complain(error.line)
            return results.map { $0.resumableFailure.map { .unknown($0.stillPending) } ?? $0 }
        }
    }
}

extension TellerError {
    /// The same failure, of a transfer that was not done and that the journal has as pending.
    fileprivate var stillPending: TellerError {
        var error = self
        error.what = "nothing was done (\(what)), but 'teller resume' would do it"
        return error
    }
}

extension WriteResult {
    fileprivate var isDone: Bool {
        if case .done = self { true } else { false }
    }

    fileprivate var isUnknown: Bool {
        if case .unknown = self { true } else { false }
    }

    fileprivate var isLinkedRefusal: Bool {
        if case .refused(.linkedRefused, _) = self { true } else { false }
    }

    /// What is known after another try: one that did nothing does not settle one that was lost.
    fileprivate func followed(by next: Self) -> Self {
        if case .unknown = self, case .nothingDone = next { self } else { next }
    }
}

extension BankClient {
    /// What the bank says of one member of a batch.
    fileprivate func result(
        _ outcome: TransferBatchAnswer.Outcome, of request: TransferRequest
    ) -> WriteResult<Transfer> {
        if let problem = outcome.problem { return reader.result(problem) }
        guard let transfer = outcome.transfer, request.isRecorded(as: transfer.record) else {
            return .unknown(notABank("it is about another transfer"))
        }
        guard let refusal = transfer.record.refusal else { return .done(transfer) }
        return .refused(ProblemCode(refusal), TellerError(.refused, refusal.explanation))
    }
}
