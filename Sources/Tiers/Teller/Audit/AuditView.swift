import BankAPI
import Ledger

/// What an audit found: a line for each invariant, and two for a broken one.
struct AuditView: View {
    var report: AuditReport
    /// What the journal was found to say; `nil` when it was not checked.
    var journal: JournalAudit?

    private var checks: [Check] { report.invariants.map(Check.init) + (journal?.checks ?? []) }
    private var broken: [Check] { checks.filter { $0.broken != 0 } }

    func lines(on terminal: Terminal) -> [String] {
        let style = terminal.style
        let counts = checks.map(\.counted.grouped)
        let note = journal?.note.map { $0.wrapped(toColumns: terminal.width ?? .max) + [""] }
        let summary =
            broken.isEmpty
            ? style(.green, "All \(checks.count) checks hold.")
            : style(
                .red,
                "\(broken.count) of \(checks.count) checks \(broken.count == 1 ? "is" : "are") broken."
            )
        return [style(.bold, "Ledger \(report.ledger)"), ""]
            + checks.flatMap { $0.lines(style, toWidest: counts) } + [""] + (note ?? []) + [summary]
    }

    func json() throws(TellerError) -> String {
        try JSONText.object(Members(report, and: journal.map { ["journal": $0] } ?? [:]))
    }

    /// Why this is not a clean audit, if it is not.
    var failure: TellerError? {
        guard let first = broken.first else { return journal?.failure }
        let others = broken.count == 1 ? "" : ", and \(broken.count - 1) more"
        // The ledger may be sound, and the journal an old copy of what this client did.
        let isLedger = report.invariants.contains { $0.broken != 0 }
        let subject = isLedger ? "this ledger's balances" : "this journal"
        return TellerError(
            .auditBroken, "the audit found this broken: \(first.name)\(others)",
            advice: "do not trust \(subject) before it is known why")
    }
}

/// Something that holds for every case, or does not.
struct Check: Sendable, Encodable {
    /// The most broken cases that are named; all are counted.
    private static let mostExamples = 20

    let name: String
    private(set) var counted: Int64 = 0
    private(set) var broken: Int64 = 0
    /// Some of those that are broken.
    private var examples: [String] = []

    init(_ invariant: AuditReport.Invariant) {
        name = invariant.name
        counted = invariant.counted
        broken = invariant.broken
        examples = invariant.example.map { [$0] } ?? []
    }

    /// - Parameter name: what a journal says.
    init(journal name: String) {
        self.name = "journal: \(name)"
    }

    /// Counts a case, and why it is broken if it is.
    mutating func count(_ fault: String?) {
        counted += 1
        guard let fault else { return }
        broken += 1
        if examples.count < Self.mostExamples { examples.append(fault) }
    }

    fileprivate func lines(_ style: Style, toWidest counts: [String]) -> [String] {
        let count = counted.grouped.paddedLeft(toWidest: counts)
        let name = name.printable.shortened(toColumns: 200)
        guard broken != 0 else { return ["  \(style(.green, "✓"))  \(count)  \(name)"] }
        let indent = String(repeating: " ", count: count.count + 7)
        let such = examples.isEmpty ? "" : ", such as:"
        let head = [
            style(.red, "  ✗  \(count)  \(name)"),
            style(.red, "\(indent)\(broken.grouped) BROKEN\(such)"),
        ]
        return head + examples.map { "\(indent)  \($0.printable.shortened(toColumns: 200))" }
    }
}
