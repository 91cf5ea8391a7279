import Ledger
import Synchronization

/// The outcome of each write to one ledger, by the journal.
struct JournalWrites: Sendable {
    enum State: Int, Sendable {
        /// Each try ended without anything done.
        case notDone
        /// A try's end is not known.
        case pending
        case refused
        case acknowledged
    }

    struct Write: Sendable {
        var content: BankWrite
        var attempts: Set<Identifier> = []
        /// Who asked last, where somebody was signed in.
        var user: String?
        var state = State.notDone
        /// The account that was opened or closed, where the bank said so.
        var account: AccountNumber?
    }

    let ledger: Identifier
    private(set) var writes: [BankWrite: Write] = [:]
    private var contents: [Identifier: BankWrite] = [:]
    /// Intents that were meant for other ledgers.
    private(set) var ofOtherLedgers = 0

    init(ledger: Identifier) {
        self.ledger = ledger
    }

    mutating func take(_ entry: JournalEntry) {
        switch entry {
        case .intent(let intent): take(intent)
        case .outcome(let outcome): take(outcome)
        case .file, .other: break
        }
    }

    private mutating func take(_ intent: JournalIntent) {
        guard intent.ledger == ledger else {
            ofOtherLedgers += 1
            return
        }
        contents[intent.attempt] = intent.write
        var write = writes[intent.write] ?? Write(content: intent.write)
        write.attempts.insert(intent.attempt)
        write.user = intent.user ?? write.user
        writes[intent.write] = write
    }

    private mutating func take(_ outcome: JournalOutcome) {
        // It says nothing that could be held against the ledger: the try stays without an end.
        guard outcome.result != .other else { return }
        guard let content = contents.removeValue(forKey: outcome.attempt),
            var write = writes[content]
        else { return }
        write.attempts.remove(outcome.attempt)
        write.account = outcome.account ?? write.account
        switch outcome.result {
        case .done: write.state = .acknowledged
        case .refused where write.state != .acknowledged: write.state = .refused
        case .refused, .nothingDone, .other: break
        // Its outcome is not known, so there is nothing to hold it against.
        case .abandoned where write.state == .notDone:
            writes[content] = nil
            return
        case .abandoned: break
        }
        writes[content] = write
    }
}

extension JournalWrites {
    /// How many writes were acknowledged that have a transfer, on its own or in a group.
    var acknowledgements: [TransferRequest: Int] {
        var counts: [TransferRequest: Int] = [:]
        for write in writes.values where write.settled == .acknowledged {
            for request in write.requests { counts[request, default: 0] += 1 }
        }
        return counts
    }
}

extension JournalWrites.Write {
    /// The transfers that were requested; empty where it is about an account.
    var requests: [TransferRequest] {
        switch content {
        case .transfer(let request): [request]
        case .linked(let requests): requests
        case .open, .close, .other: []
        }
    }

    var isLinked: Bool {
        if case .linked = content { true } else { false }
    }

    /// What is known of all its tries together.
    var settled: JournalWrites.State {
        state == .notDone && !attempts.isEmpty ? .pending : state
    }
}

extension Journal {
    /// What the journal says of one ledger's writes, and its lines that could not be read.
    func writes(
        of ledger: Identifier
    ) async throws(TellerError) -> (JournalWrites, [JournalDamage]) {
        let writes = Mutex(JournalWrites(ledger: ledger))
        let damage = try await read { entry in writes.withLock { $0.take(entry) } }
        return (writes.withLock { $0 }, damage)
    }
}
