import Ledger

/// The outcome of one pending write.
struct ResumptionLine: Sendable, Encodable {
    private let intent: JournalIntent
    private let outcome: ResumeSteps.Outcome

    /// The bank that was asked now.
    private let bank: BankName?

    private enum CodingKeys: String, CodingKey {
        case id, kind, outcome, server, reason, code, bank
    }

    init(_ intent: JournalIntent, _ outcome: ResumeSteps.Outcome, bank: BankName? = nil) {
        self.intent = intent
        self.outcome = outcome
        self.bank = bank
    }

    var isSettled: Bool {
        switch outcome {
        case .done, .refused: true
        case .unknown, .elsewhere, .ofAnother: false
        }
    }

    /// Whether whoever is signed in cannot settle it, or nobody is any more.
    var needsLogin: Bool {
        switch outcome {
        case .ofAnother: true
        case .unknown(let error): error.status == .noPermission
        case .done, .refused, .elsewhere: false
        }
    }

    private var name: String {
        switch outcome {
        case .done: "done"
        case .refused: "refused"
        case .unknown, .ofAnother: "unknown"
        case .elsewhere: "elsewhere"
        }
    }

    private var reason: String? {
        switch outcome {
        case .done: nil
        case .refused(let error), .unknown(let error): error.what
        case .elsewhere: "made at another bank, at \(intent.server)"
        case .ofAnother(let user):
            "it is \(user)'s: 'teller login \(user)' first"
        }
    }

    /// The line, or several where the terminal is too narrow for one.
    func text(on terminal: Terminal) -> String {
        let style = Style(hasColour: terminal.hasColour)
        let (mark, ink): (String, Style.Ink) =
            switch outcome {
            case .done: ("✓", .green)
            case .refused: ("✗", .red)
            case .unknown: ("?", .yellow)
            case .elsewhere, .ofAnother: ("–", .dim)
            }
        let id = intent.write.ids.first.map { "\($0)" } ?? ""
        let said = reason?.withoutPrefix("refused: ") ?? intent.write.detail
        let name = if case .ofAnother = outcome { "another's" } else { name }
        let head = "\(name.padded(to: 9))  \(intent.write.kind.padded(to: 10))  \(id)"
        let detail = said.printable.shortened(toColumns: 300)
        let line = "  \(style(ink, mark)) \(head)"
        let width = "  \(mark) \(head)  \(detail)".displayWidth
        guard let room = terminal.width, width > room else { return "\(line)  \(detail)\n" }
        let below = detail.wrapped(toColumns: room - TextTable.indent.count)
        return ([line] + below.map { TextTable.indent + $0 }).joined(separator: "\n") + "\n"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(intent.write.ids.first, forKey: .id)
        try container.encode(intent.write.kind, forKey: .kind)
        try container.encode(name, forKey: .outcome)
        try container.encode(intent.server, forKey: .server)
        try container.encodeIfPresent(reason, forKey: .reason)
        if case .refused(let error) = outcome {
            try container.encodeIfPresent(error.code, forKey: .code)
        }
        try container.encodeIfPresent(bank?.bank, forKey: .bank)
    }
}
