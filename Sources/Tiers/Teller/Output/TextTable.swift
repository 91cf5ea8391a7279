/// Rows of aligned columns.
///
/// Where the terminal is too narrow, an elastic column gives way first. Where that is not enough,
/// columns that may go below do so, the last first, and no more of them than it takes.
struct TextTable: Sendable {
    struct Column: Sendable {
        var title: String
        var isRightAligned = false
        /// Whether this one gives way when the terminal is narrow.
        var isElastic = false
        /// Whether this one goes to a line below its row when the terminal is too narrow for all.
        var goesBelow = false
    }

    struct Row: Sendable {
        var cells: [String]
        var ink: Style.Ink?
        /// For a line below, whatever the width.
        var note: String?
    }

    /// The narrowest that an elastic column gets.
    static let narrowestElastic = 12
    static let gap = "   "
    /// Before a line below a row.
    static let indent = "    "

    var columns: [Column]
    var rows: [Row] = []

    mutating func append(_ cells: [String], ink: Style.Ink? = nil, note: String? = nil) {
        rows.append(Row(cells: cells.map(\.printable), ink: ink, note: note?.printable))
    }

    /// The lines below a line of the columns' titles, without spaces at their ends.
    ///
    /// - Parameter width: columns to fit into; `nil` for as many as it takes.
    func lines(width: Int?, style: Style) -> [String] {
        let titles = columns.map(\.title)
        let layout = Layout(self, width: width, titles: titles)
        return [style(.dim, layout.line(titles))] + rows.flatMap { layout.lines(of: $0, style) }
    }

    func lines(on terminal: Terminal) -> [String] {
        lines(width: terminal.width, style: terminal.style)
    }

    /// The lines of each row, without titles.
    func groups(on terminal: Terminal) -> [[String]] {
        let layout = Layout(self, width: terminal.width, titles: [])
        return rows.map { layout.lines(of: $0, terminal.style) }
    }
}

/// How wide each column is, and what goes below.
private struct Layout {
    private let columns: [TextTable.Column]
    private let width: Int?
    /// 0 for what is not shown in the row.
    private var widths: [Int]
    private var isBelow: [Bool]

    init(_ table: TextTable, width: Int?, titles: [String]) {
        columns = table.columns
        self.width = width
        isBelow = columns.map { _ in false }
        widths = columns.map { _ in 0 }
        for cells in [titles] + table.rows.map(\.cells) {
            for (index, cell) in cells.enumerated() {
                widths[index] = max(widths[index], cell.displayWidth)
            }
        }
        let natural = widths
        shrink()
        for index in columns.indices.reversed() where columns[index].goesBelow && excess > 0 {
            isBelow[index] = true
            widths = zip(natural, isBelow).map { width, isBelow in isBelow ? 0 : width }
            shrink()
        }
    }

    private var excess: Int {
        guard let width else { return 0 }
        let used = widths.filter { $0 > 0 }
        return used.reduce(0, +) + (used.count - 1) * TextTable.gap.count - width
    }

    private mutating func shrink() {
        guard excess > 0, let elastic = columns.firstIndex(where: \.isElastic) else { return }
        let narrowest = min(widths[elastic], TextTable.narrowestElastic)
        widths[elastic] = max(narrowest, widths[elastic] - excess)
    }

    func lines(of row: TextTable.Row, _ style: Style) -> [String] {
        let lines = [line(row.cells)] + linesBelow(row.cells).map { TextTable.indent + $0 }
        let note = row.note.map { [TextTable.indent + style(.dim, $0)] } ?? []
        return lines.map { style(row.ink, $0) } + note
    }

    /// The cells in their columns.
    func line(_ cells: [String]) -> String {
        let parts = cells.indices.filter { widths[$0] > 0 }.map { index in
            let text = cells[index].shortened(toColumns: widths[index])
            return columns[index].isRightAligned
                ? text.paddedLeft(to: widths[index]) : text.padded(to: widths[index])
        }
        return parts.joined(separator: TextTable.gap).withoutEnd(" ")
    }

    /// The cells that have no column: together where they fit, else each for itself.
    private func linesBelow(_ cells: [String]) -> [String] {
        let below = zip(isBelow, cells).filter { $0.0 && !$0.1.isEmpty }.map(\.1)
        guard let width, !below.isEmpty else { return [] }
        let room = max(1, width - TextTable.indent.count)
        let together = below.joined(separator: TextTable.gap)
        return together.displayWidth <= room
            ? [together] : below.flatMap { $0.wrapped(toColumns: room) }
    }
}
