import BankAPI
import Ledger

/// The outcome of each line, as it becomes known: rows of a table, or JSON lines.
struct LineOutcomeView: Sendable {
    var format: OutputFormat
    var terminal: Terminal
    /// The number of the file's last line.
    var lastLine: Int
    var bank: BankName?
    /// What was done before this run.
    var before: Set<Identifier> = []

    private static let idWidth = 36
    private static let kindWidth = LineOutcome.Kind.allCases.map(\.words.count).max() ?? 0
    private var numberWidth: Int { max("LINE".count, String(lastLine).count) }

    /// What comes before the first line.
    var header: String {
        guard format == .table else { return "" }
        let names = [
            "LINE".paddedLeft(to: numberWidth), "OUTCOME".padded(to: Self.kindWidth),
            "ID",
        ]
        return style(.dim, names.joined(separator: TextTable.gap)) + "\n"
    }

    func line(
        _ line: FileLine<TransferRequest>, _ outcome: LineOutcome
    ) throws(TellerError) -> String {
        let id = line.value?.id
        let isRepeated = outcome.kind == .done && id.map(before.contains) == true
        guard format == .table else {
            var facts = WriteFacts(id: id, bank: bank, isRepeated: isRepeated)
            facts.line = line.number
            facts.outcome = outcome.kind.rawValue
            facts.transfer = outcome.transfer
            if outcome.kind != .done { (facts.code, facts.detail) = (outcome.code, outcome.why) }
            return try JSONText.object(facts)
        }
        let kind = outcome.kind.words.padded(to: Self.kindWidth)
        var cells = [
            "\(line.number)".paddedLeft(to: numberWidth),
            ink(outcome).map { style($0, kind) } ?? kind,
        ]
        guard !outcome.why.isEmpty else {
            cells.append((id?.description ?? "") + (isRepeated ? "   before" : ""))
            return cells.joined(separator: TextTable.gap) + "\n"
        }
        cells.append((id?.description ?? "").padded(to: Self.idWidth))
        return join(cells, outcome.reason.printable.shortened(toColumns: 200))
    }

    /// On one line, or with the reason below where the terminal is too narrow.
    private func join(_ cells: [String], _ reason: String) -> String {
        let line = cells.joined(separator: TextTable.gap)
        let gap = TextTable.gap.count
        let indent = numberWidth + gap + Self.kindWidth + gap
        guard let width = terminal.width, indent + Self.idWidth + gap + reason.displayWidth > width
        else { return line + TextTable.gap + reason + "\n" }
        let below = reason.wrapped(toColumns: max(20, width - indent))
        return ([line] + below.map { String(repeating: " ", count: indent) + $0 })
            .joined(separator: "\n") + "\n"
    }

    private var style: Style { terminal.style }

    private func ink(_ outcome: LineOutcome) -> Style.Ink? {
        switch outcome.kind {
        case .done: .green
        case .refused, .invalid: .red
        case .unknown: .yellow
        case .notDone: .dim
        }
    }
}
