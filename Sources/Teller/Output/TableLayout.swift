/// How wide each column of a table is, and what goes below.
///
/// An elastic column gives way first, and what may go below does so when that is not enough.
struct TableLayout: Sendable {
    private let columns: [TextTable.Column]
    private let width: Int?
    /// 0 for what is not shown in the row.
    private var widths: [Int]
    private var isBelow = false

    init(_ table: TextTable, width: Int?, hasTitles: Bool) {
        columns = table.columns
        self.width = width
        widths = table.columns.map { hasTitles ? $0.title.displayWidth : 0 }
        for row in table.rows {
            for (index, cell) in row.cells.enumerated() {
                widths[index] = max(widths[index], cell.displayWidth)
            }
        }
        let natural = widths
        shrink()
        guard excess > 0, columns.contains(where: \.goesBelow) else { return }
        isBelow = true
        widths = zip(natural, columns).map { width, column in column.goesBelow ? 0 : width }
        shrink()
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

    /// The cells in their columns.
    func line(_ cells: [String]) -> String {
        var parts: [String] = []
        for (index, cell) in cells.enumerated() where widths[index] > 0 {
            let text = cell.shortened(toColumns: widths[index])
            parts.append(
                columns[index].isRightAligned
                    ? text.paddedLeft(to: widths[index]) : text.padded(to: widths[index]))
        }
        var line = parts.joined(separator: TextTable.gap)
        while line.hasSuffix(" ") { line.removeLast() }
        return line
    }

    /// The cells that have no column: together where they fit, else each for itself.
    func linesBelow(_ cells: [String]) -> [String] {
        guard isBelow, let width else { return [] }
        let below = zip(columns, cells).filter { $0.0.goesBelow && !$0.1.isEmpty }.map(\.1)
        guard !below.isEmpty else { return [] }
        let room = max(1, width - TextTable.indent.count)
        let together = below.joined(separator: TextTable.gap)
        return together.displayWidth <= room
            ? [together] : below.flatMap { $0.wrapped(toColumns: room) }
    }
}
