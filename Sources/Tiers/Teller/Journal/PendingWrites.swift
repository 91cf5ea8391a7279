import Ledger
import Synchronization

/// The writes of a journal whose outcome is not known, found by reading it once.
///
/// Memory is bounded by what is pending, not by what the journal has.
struct PendingWrites: Sendable {
    /// One content of one person at one ledger, however often it was sent.
    struct Write: Sendable {
        /// The first intent.
        var intent: JournalIntent
        /// Each try without an outcome.
        var attempts: Set<Identifier>
        /// Whether somebody asked for it again whose it is since.
        var wasNobodys = false
        /// Whether a later teller wrote of it what this one does not understand.
        var hasLaterOutcome = false
        /// Whether another teller is sending it right now.
        var isUnderWay = false
    }

    private struct Content: Hashable {
        var ledger: Identifier
        var user: String?
        var write: BankWrite

        /// The same from before there were sessions.
        var ofNobody: Content? {
            user == nil ? nil : Content(ledger: ledger, user: nil, write: write)
        }
    }

    private var writes: [Content: (place: Int, write: Write)] = [:]
    private var contents: [Identifier: Content] = [:]
    private var count = 0

    /// Those that are pending, in the order they were first asked. What was nobody's is hers who has asked
    /// for it again.
    var all: [Write] {
        var all = writes
        for (content, hers) in writes.sorted(by: { $0.value.place < $1.value.place }) {
            guard let nobodys = content.ofNobody, let found = all.removeValue(forKey: nobodys)
            else { continue }
            all[content]?.write.wasNobodys = true
            all[content]?.place = min(hers.place, found.place)
            all[content]?.write.attempts.formUnion(found.write.attempts)
            if found.write.hasLaterOutcome { all[content]?.write.hasLaterOutcome = true }
        }
        return all.values.sorted { $0.place < $1.place }.map(\.write)
    }

    mutating func take(_ entry: JournalEntry) {
        switch entry {
        case .intent(let intent): take(intent)
        case .outcome(let outcome): take(outcome)
        case .file, .other: break
        }
    }

    private mutating func take(_ intent: JournalIntent) {
        let content = Content(ledger: intent.ledger, user: intent.user, write: intent.write)
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
            return
        }
        settle(content)
        if outcome.result != .nothingDone, let nobodys = content.ofNobody { settle(nobodys) }
    }

    private mutating func settle(_ content: Content) {
        for attempt in writes.removeValue(forKey: content)?.write.attempts ?? [] {
            contents[attempt] = nil
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
