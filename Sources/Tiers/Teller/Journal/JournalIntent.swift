import BankAPI
import BankClient
import Ledger

/// What the client is about to ask of a bank, written down before it asks.
struct JournalIntent: Sendable, Hashable, Codable {
    /// Names this one try: another may ask the same, also at the same time.
    var attempt: Identifier
    /// The only ledger that it is meant for.
    var ledger: Identifier
    /// Where that ledger's bank was reached.
    var server: String
    /// By this machine's clock.
    var time: Timestamp
    /// Who asked, by her session; `nil` without one, as before there were any.
    var user: String?
    var write: BankWrite
}

extension JournalIntent {
    /// An intent of now.
    init(_ write: BankWrite, ledger: Identifier, server: BankAddress, user: String? = nil) {
        self.init(
            attempt: .now(), ledger: ledger, server: server.description, time: .now, user: user,
            write: write)
    }

    /// Whether somebody else asked: only she may ask again. What is nobody's is for whoever does first.
    func isOfAnother(than user: String?) -> Bool { self.user != nil && self.user != user }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        attempt = try container.decode(Identifier.self, forKey: .attempt)
        ledger = try container.decode(Identifier.self, forKey: .ledger)
        server = try container.decode(String.self, forKey: .server)
        time = try container.decode(Timestamp.self, forKey: .time)
        user = try container.decodeIfPresent(String.self, forKey: .user)
        let later = try BankWrite.later(container.superDecoder(forKey: .write), attempt: attempt)
        write = try later ?? container.decode(BankWrite.self, forKey: .write)
    }
}

/// What the client learned about an intent.
struct JournalOutcome: Sendable, Hashable, Codable {
    enum Result: String, Sendable, Hashable, Codable {
        /// Settles every intent of the same content.
        case done
        /// Settles every intent of the same content.
        case refused
        /// This one try did nothing; an earlier one may have.
        case nothingDone = "nothing_done"
        /// A person gave up on knowing; it says nothing about what was done.
        case abandoned
        /// What a later teller learned, and this one does not understand.
        case other

        init(from decoder: any Decoder) throws {
            let name = try decoder.singleValueContainer().decode(String.self)
            self = Self(rawValue: name) ?? .other
        }
    }

    var attempt: Identifier
    var result: Result
    /// The bank's code, unless it was done or no bank was reached.
    var code: String?
    /// The account that was opened or closed.
    var account: AccountNumber?
    /// By this machine's clock.
    var time: Timestamp
}

/// A line of the journal.
enum JournalEntry: Sendable, Hashable, Codable {
    case intent(JournalIntent)
    case outcome(JournalOutcome)
    case file(JournalledFile)
    /// A later teller's note, of no kind that is known: nothing was sent by it.
    case other

    private enum CodingKeys: String, CodingKey {
        case intent, outcome, file
    }

    /// Whether it is on the disk before anything else is done.
    ///
    /// An outcome that is the ledger's last word need not be: without it the bank is asked again under the
    /// same id, and answers the same. That nothing was done must be: without it 'teller resume' would do
    /// what the person may since have requested under another id.
    var mustLast: Bool {
        guard case .outcome(let outcome) = self else { return true }
        return outcome.result == .nothingDone || outcome.result == .abandoned
    }

    var isIntent: Bool { if case .intent = self { true } else { false } }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let intent = try container.decodeIfPresent(JournalIntent.self, forKey: .intent) {
            self = .intent(intent)
        } else if let file = try container.decodeIfPresent(JournalledFile.self, forKey: .file) {
            self = .file(file)
        } else if container.allKeys.isEmpty,
            try decoder.container(keyedBy: MemberName.self).allKeys.count == 1
        {
            self = .other
        } else {
            self = .outcome(try container.decode(JournalOutcome.self, forKey: .outcome))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .intent(let intent): try container.encode(intent, forKey: .intent)
        case .outcome(let outcome): try container.encode(outcome, forKey: .outcome)
        case .file(let file): try container.encode(file, forKey: .file)
        case .other: break
        }
    }
}
