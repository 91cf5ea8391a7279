import Ledger
import Synchronization

/// The writes of a journal whose outcome is not known, found by reading it once.
///
/// Memory is bounded by what is pending, not by what the journal has.
struct PendingWrites: Sendable {
    /// One content at one ledger, however often it was sent.
    struct Write: Sendable {
        /// The first intent.
        var intent: JournalIntent
        /// Each try without an outcome.
        var attempts: Set<Identifier>
        /// Whether a later teller wrote of it what this one does not understand.
        var hasLaterOutcome = false
        /// Whether another teller is sending it right now.
        var isUnderWay = false
    }

    private struct Content: Hashable {
        var ledger: Identifier
        var write: BankWrite
    }

    private var writes: [Content: (place: Int, write: Write)] = [:]
    private var contents: [Identifier: Content] = [:]
    private var count = 0

    /// Those that are pending, in the order they were first asked.
    var all: [Write] { writes.values.sorted { $0.place < $1.place }.map(\.write) }

    mutating func take(_ entry: JournalEntry) {
        switch entry {
        case .intent(let intent): take(intent)
        case .outcome(let outcome): take(outcome)
        case .file, .other: break
        }
    }

    private mutating func take(_ intent: JournalIntent) {
        let content = Content(ledger: intent.ledger, write: intent.write)
        contents[intent.attempt] = content
        count += 1
        writes[content, default: (count, Write(intent: intent, attempts: []))]
            .write.attempts.insert(intent.attempt)
    }

    private mutating func take(_ outcome: JournalOutcome) {
        guard let content = contents[outcome.attempt], var write = writes[content]?.write else {
            return
        }
        guard outcome.result != .other else {
            writes[content]?.write.hasLaterOutcome = true
            return
        }
        contents[outcome.attempt] = nil
        write.attempts.remove(outcome.attempt)
        // One try that did nothing says nothing of the others.
        if outcome.result == .nothingDone, !write.attempts.isEmpty {
            writes[content]?.write = write
        } else {
            for attempt in write.attempts { contents[attempt] = nil }
            writes[content] = nil
        }
    }
}

extension Journal {
    /// What is pending, and the lines that could not be read.
    func pending() async throws(TellerError) -> (
        writes: [PendingWrites.Write], damage: [JournalDamage]
    ) {
        let pending = Mutex(PendingWrites())
        let damage = try await read { entry in pending.withLock { $0.take(entry) } }
        return (pending.withLock { $0.all }, damage)
    }
}
