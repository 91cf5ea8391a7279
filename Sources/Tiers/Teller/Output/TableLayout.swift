/// How wide each column of a table is, and what goes below.
///
/// An elastic column gives way first. Where that is not enough, columns that may go below do so, the
/// last first, and no more of them than it takes.
struct TableLayout: Sendable {
    private let columns: [TextTable.Column]
    private let width: Int?
    /// 0 for what is not shown in the row.
    private var widths: [Int]
    private var isBelow: [Bool]

    init(_ table: TextTable, width: Int?, hasTitles: Bool) {
        columns = table.columns
        self.width = width
        isBelow = table.columns.map { _ in false }
        widths = table.columns.map { hasTitles ? $0.title.displayWidth : 0 }
        for row in table.rows {
            for (index, cell) in row.cells.enumerated() {
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
        let below = zip(isBelow, cells).filter { $0.0 && !$0.1.isEmpty }.map(\.1)
        guard let width, !below.isEmpty else { return [] }
        let room = max(1, width - TextTable.indent.count)
        let together = below.joined(separator: TextTable.gap)
        return together.displayWidth <= room
            ? [together] : below.flatMap { $0.wrapped(toColumns: room) }
    }
}
