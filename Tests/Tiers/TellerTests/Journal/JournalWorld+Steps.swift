import BankAPI
import BankClient
import Ledger
import TestSupport

@testable import Teller

// What a teller does at a step.
extension JournalWorld {
    /// - Returns: what is left of its work; `nil` when it has ended and said how.
    /// - Throws: ``Killed``, ``Violation``.
    mutating func go(on work: Work, as process: Int) throws -> Work? {
        switch work {
        case .send(var sending, let wish):
            do {
                if try go(on: &sending, as: process) { return .send(sending, wish: wish) }
            } catch let failure as JournalFailure {
                hear(nothingDone: wish, isKnown: failure != .leftOver(5))
                return nil
            }
            try hear(sending.steps, of: wish)
            return nil
        case .resume(let steps, let step): return try resume(steps, step, as: process)
        case .file(let steps, let step, let sending, let file):
            return try go(on: steps, step, sending, file: file, as: process)
        }
    }

    private mutating func append(_ entries: [JournalEntry]) throws(Killed) -> JournalFailure? {
        try journal.append(entries, isCalm: isCalm, &random)
    }

    private mutating func ask(
        _ writes: [BankWrite]
    ) throws(Killed) -> [WriteOutcome<WriteReceipt>] {
        let outcomes = bank.ask(writes, isCalm: isCalm, &random)
        if !isCalm, random.chance(4) { throw Killed() }
        return outcomes
    }

    /// - Returns: whether there is more to do.
    private mutating func go(on sending: inout Sending, as process: Int) throws -> Bool {
        switch sending.step {
        case .lock(let attempts):
            let asked = Set(journal.pending.flatMap(\.intent.write.ids))
            sending.own = Set(sending.steps.intents.flatMap(\.write.ids)).subtracting(asked)
                .filter { !bank.mayHave($0) }
            sending.step = try sending.steps.locked(journal.lock(attempts, by: process))
        case .note(let entries): sending.step = try sending.steps.noted(try append(entries))
        case .ask(let places):
            let isStopped = !isCalm && !sending.steps.outcomes.isEmpty && random.chance(10)
            let writes = places.map { sending.steps.intents[$0].write }
            sending.step = sending.steps.answered(
                isStopped ? nil : try ask(writes), at: Self.time)
        case .end:
            try check(sending)
            return false
        }
        return true
    }

    private func check(_ sending: Sending) throws(Violation) {
        for (intent, outcome) in zip(sending.steps.intents, sending.steps.outcomes) {
            guard case .nothingDone = outcome, sending.steps.stillPending(outcome) == nil,
                sending.own.intersection(intent.write.ids).contains(where: bank.mayHave)
            else { continue }
            throw Violation("told that nothing was done, and it may be: \(intent.write)")
        }
    }

    // MARK: One write

    private mutating func hear(_ steps: SendSteps, of wish: Int) throws(Violation) {
        let outcome = steps.outcomes[0]
        switch outcome {
        case .done: try hear(wish, isDone: true)
        case .refused: try hear(wish, isDone: false)
        case .nothingDone: hear(nothingDone: wish, isKnown: steps.stillPending(outcome) == nil)
        case .unknown: wishes[wish].isOpen = true
        }
    }

    private mutating func hear(_ wish: Int, isDone: Bool) throws(Violation) {
        guard let id = wishes[wish].id, bank.records[id] != nil, bank.isDone(id) == isDone else {
            throw Violation("payment \(wish): told what is not so")
        }
        wishes[wish].isFinished = true
    }

    /// Whoever knows that nothing was done asks for it under another id.
    private mutating func hear(nothingDone wish: Int, isKnown: Bool) {
        if !isKnown { wishes[wish].isOpen = true }
        if !wishes[wish].isOpen { wishes[wish].id = nil }
    }

    // MARK: Resuming

    private mutating func resume(
        _ found: ResumeSteps, _ step: ResumeSteps.Step, as process: Int
    ) throws -> Work? {
        var steps = found
        let isInterrupted = !isCalm && random.chance(5)
        // Some are signed in: what was nobody's is then theirs.
        let user = [nil, "alice", "bruno"][process % 3]
        let asker = user.map { (user: $0, attempt: random.id()) }
        let next: ResumeSteps.Step
        switch step {
        case .read:
            journal.sync()
            next = steps.found(journal.pending)
        case .lock(let attempts): next = steps.locked(journal.lock(attempts, by: process))
        case .settle:
            next = steps.resume(at: Self.ledger, as: asker, isInterrupted: isInterrupted)
        case .ask(let write):
            guard write.ids.allSatisfy({ owners[$0] == nil || owners[$0] == user }) else {
                throw Violation("\(user ?? "nobody") resumes what is another's: \(write)")
            }
            next = steps.answered(try ask([write])[0], at: Self.time)
        case .note(let entries):
            guard try append(entries) == nil else { return nil }
            next = steps.noted()
        case .report(let write, let outcome):
            try check(write, outcome)
            next = steps.resume(at: Self.ledger, as: asker, isInterrupted: isInterrupted)
        case .end: return nil
        }
        return .resume(steps, next)
    }

    private func check(
        _ write: PendingWrites.Write, _ outcome: ResumeSteps.Outcome
    ) throws(Violation) {
        switch outcome {
        case .done:
            guard write.intent.write.ids.allSatisfy(bank.isDone) else {
                throw Violation("resumed as done, and not done: \(write)")
            }
        case .refused:
            guard !write.intent.write.ids.contains(where: bank.isDone) else {
                throw Violation("resumed as refused, and done: \(write)")
            }
        case .unknown, .elsewhere, .ofAnother: break
        }
    }

    // MARK: Files

    private mutating func go(
        on found: FileSteps, _ step: FileSteps.Step, _ sending: Sending?, file: Int,
        as process: Int
    ) throws -> Work? {
        var steps = found
        let isInterrupted = !isCalm && random.chance(3)
        let next: FileSteps.Step
        switch step {
        case .lock(let name):
            let isFree = !journal.lock([name], by: process).isEmpty
            guard let locked = try? steps.locked(isFree: isFree) else { return nil }
            next = locked
        case .findRuns:
            journal.sync()
            next = try steps.found(journal.runs, journal.damage)
        case .stop:
            journal.repair()
            return nil
        case .plan(let base):
            files[file].bases.insert(base)
            next = try steps.planned(lines(of: file, from: base))
        case .lookUp(let lines):
            let records = lines.compactMap { line in line.value.flatMap { bank.records[$0.id] } }
            let received = records.map { Transfer($0) }
            do {
                next = try steps.lookedUp(RecordedSteps(lines, received))
            } catch {
                throw Violation("file \(file): \(error)")
            }
        case .note(let entries):
            guard try append(entries) == nil else { return nil }
            next = steps.noted()
        case .begin, .pass: next = steps.next(isInterrupted: isInterrupted)
        case .send(let lines):
            let requests = lines.compactMap(\.value)
            guard var sending else {
                return .file(steps, step, begin(requests, steps, file), file: file)
            }
            do {
                guard try !go(on: &sending, as: process) else {
                    return .file(steps, step, sending, file: file)
                }
                steps.sent(.success(sending.steps.outcomes))
            } catch let failure as JournalFailure {
                steps.sent(.failure(TellerError(failure.status, failure.message)))
            }
            next = steps.next(isInterrupted: isInterrupted)
        case .end:
            if steps.stopped == nil { try answered(file, steps) }
            return nil
        }
        return .file(steps, next, nil, file: file)
    }

    private func lines(of file: Int, from base: Identifier) -> [FileLine<TransferRequest>] {
        (0..<files[file].lines).map { place in
            let id = base.advanced(by: UInt64(place)) ?? base
            return FileLine(
                number: place + 2, content: .success(request(100 * (file + 1) + place, id)))
        }
    }

    private mutating func begin(
        _ requests: [TransferRequest], _ steps: FileSteps, _ file: Int
    ) -> Sending {
        let writes = steps.isAtomic ? [.linked(requests)] : requests.map(BankWrite.transfer)
        return Sending(writes.map { intent($0) })
    }

    /// All of a file has the ledger's answer.
    private mutating func answered(_ file: Int, _ steps: FileSteps) throws(Violation) {
        guard let base = journal.runs.last(where: { $0.sha256 == hash(file) })?.base else {
            throw Violation("file \(file) is answered, and the journal does not know it")
        }
        for place in 0..<files[file].lines {
            guard let id = base.advanced(by: UInt64(place)), bank.records[id] != nil else {
                throw Violation("file \(file): line \(place) is answered, and not there")
            }
        }
        files[file].left = max(0, files[file].left - 1)
    }
}
