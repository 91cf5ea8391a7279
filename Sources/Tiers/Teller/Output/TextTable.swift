/// Rows of aligned columns.
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

    /// The lines, without spaces at their ends.
    ///
    /// - Parameters:
    ///   - width: columns to fit into; `nil` for as many as it takes.
    ///   - hasTitles: whether the columns' titles come first.
    func lines(width: Int?, style: Style, hasTitles: Bool = true) -> [String] {
        let layout = TableLayout(self, width: width, hasTitles: hasTitles)
        let titles = hasTitles ? [style(.dim, layout.line(columns.map(\.title)))] : []
        return titles + rows.flatMap { Self.lines(of: $0, layout, style) }
    }

    /// The lines of each row, without titles.
    func groups(width: Int?, style: Style) -> [[String]] {
        let layout = TableLayout(self, width: width, hasTitles: false)
        return rows.map { Self.lines(of: $0, layout, style) }
    }

    private static func lines(of row: Row, _ layout: TableLayout, _ style: Style) -> [String] {
        let below = layout.linesBelow(row.cells).map { indent + $0 }
        let lines = ([layout.line(row.cells)] + below).map { line in
            row.ink.map { style($0, line) } ?? line
        }
        return lines + (row.note.map { [indent + style(.dim, $0)] } ?? [])
    }
}
