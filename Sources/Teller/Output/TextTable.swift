/// Rows of aligned columns.
struct TextTable: Sendable {
    struct Column: Sendable {
        var title: String
        var isRightAligned = false
        /// Whether this one gives way when the terminal is narrow.
        var isElastic = false
    }

    struct Row: Sendable {
        var cells: [String]
        var ink: Style.Ink?
    }

    /// The narrowest that an elastic column gets.
    static let narrowestElastic = 12
    static let gap = "   "

    var columns: [Column]
    var rows: [Row] = []

    mutating func append(_ cells: [String], ink: Style.Ink? = nil) {
        rows.append(Row(cells: cells.map(\.printable), ink: ink))
    }

    /// The lines, without spaces at their ends.
    ///
    /// - Parameters:
    ///   - width: columns to fit into; `nil` for as many as it takes.
    ///   - hasTitles: whether the columns' titles come first.
    func lines(width: Int?, style: Style, hasTitles: Bool = true) -> [String] {
        let widths = columnWidths(fitting: width, hasTitles: hasTitles)
        var lines: [String] = []
        if hasTitles { lines.append(style(.dim, line(columns.map(\.title), widths))) }
        for row in rows {
            let text = line(row.cells, widths)
            lines.append(row.ink.map { style($0, text) } ?? text)
        }
        return lines
    }

    private func columnWidths(fitting width: Int?, hasTitles: Bool) -> [Int] {
        var widths = columns.map { hasTitles ? $0.title.displayWidth : 0 }
        for row in rows {
            for (index, cell) in row.cells.enumerated() {
                widths[index] = max(widths[index], cell.displayWidth)
            }
        }
        guard let width, let elastic = columns.firstIndex(where: \.isElastic) else { return widths }
        let used = widths.filter { $0 > 0 }
        let excess = used.reduce(0, +) + (used.count - 1) * Self.gap.count - width
        if excess > 0 {
            let narrowest = min(widths[elastic], Self.narrowestElastic)
            widths[elastic] = max(narrowest, widths[elastic] - excess)
        }
        return widths
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var parts: [String] = []
        for (index, cell) in cells.enumerated() where widths[index] > 0 {
            let text = cell.shortened(toColumns: widths[index])
            parts.append(
                columns[index].isRightAligned
                    ? text.paddedLeft(to: widths[index]) : text.padded(to: widths[index]))
        }
        var line = parts.joined(separator: Self.gap)
        while line.hasSuffix(" ") { line.removeLast() }
        return line
    }
}
