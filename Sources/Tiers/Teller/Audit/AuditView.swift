import BankAPI
import Ledger

/// What an audit found: a line for each invariant, and two for a broken one.
struct AuditView: Sendable {
    var report: AuditReport
    /// What the journal was found to say; `nil` when it was not checked.
    var journal: JournalAudit?

    func text(on terminal: Terminal) -> String {
        let style = Style(hasColour: terminal.hasColour)
        let checks = report.invariants.map(Check.init) + (journal?.checks ?? [])
        let width = checks.map { $0.counted.grouped.count }.max() ?? 0
        var lines = [style(.bold, "Ledger \(report.ledger)"), ""]
        for check in checks { lines += check.lines(width: width, style) }
        lines.append("")
        if let note = journal?.note {
            lines += note.wrapped(toColumns: terminal.width ?? .max) + [""]
        }
        lines.append(Self.summary(checks, style))
        return lines.joined(separator: "\n") + "\n"
    }

    private static func summary(_ checks: [Check], _ style: Style) -> String {
        let broken = checks.count { $0.broken != 0 }
        return broken == 0
            ? style(.green, "All \(checks.count) checks hold.")
            : style(
                .red, "\(broken) of \(checks.count) checks \(broken == 1 ? "is" : "are") broken.")
    }

    func json() throws(TellerError) -> String {
        try JSONText.object(AuditDocument(report: report, journal: journal))
    }

    /// Why this is not a clean audit, if it is not.
    var failure: TellerError? {
        let checks = report.invariants.map(Check.init) + (journal?.checks ?? [])
        let broken = checks.filter { $0.broken != 0 }
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

extension AuditView {
    /// Something that holds for every case, or does not.
    struct Check: Sendable, Hashable, Encodable {
        var name: String
        var counted: Int64
        var broken: Int64
        /// Some of those that are broken.
        var examples: [String]

        init(name: String, counted: Int64, broken: Int64, examples: [String]) {
            self.name = name
            self.counted = counted
            self.broken = broken
            self.examples = examples
        }

        init(_ invariant: AuditReport.Invariant) {
            self.init(
                name: invariant.name, counted: invariant.counted, broken: invariant.broken,
                examples: invariant.example.map { [$0] } ?? [])
        }

        func lines(width: Int, _ style: Style) -> [String] {
            let count = counted.grouped.paddedLeft(to: width)
            let name = name.printable.shortened(toColumns: 200)
            guard broken != 0 else { return ["  \(style(.green, "✓"))  \(count)  \(name)"] }
            let indent = String(repeating: " ", count: width + 7)
            let such = examples.isEmpty ? "" : ", such as:"
            let head = [
                style(.red, "  ✗  \(count)  \(name)"),
                style(.red, "\(indent)\(broken.grouped) BROKEN\(such)"),
            ]
            return head + examples.map { "\(indent)  \($0.printable.shortened(toColumns: 200))" }
        }
    }
}

/// An audit for programs.
private struct AuditDocument: Encodable {
    var report: AuditReport
    var journal: JournalAudit?

    private enum CodingKeys: String, CodingKey { case journal }

    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(journal, forKey: .journal)
    }
}
