/// Lines of a name and what goes by it, aligned.
struct FactLines: Sendable {
    private struct Fact: Sendable {
        var name: String
        /// In columns of their own.
        var cells: [String]
    }

    private var facts: [Fact] = []

    /// - Parameter cells: one, or several that align with those of other lines.
    mutating func append(_ name: String, _ cells: String...) {
        facts.append(Fact(name: name, cells: cells.map(\.printable)))
    }

    /// The lines, below a headline.
    func lines(style: Style) -> [String] {
        let widest = facts.map(\.name.displayWidth).max() ?? 0
        var widths: [Int] = []
        for fact in facts where fact.cells.count > 1 {
            for (index, cell) in fact.cells.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], cell.displayWidth)
            }
        }
        return facts.map { fact in
            var line = "  " + style(.dim, fact.name.padded(to: widest))
            for (index, cell) in fact.cells.enumerated() {
                line += "   " + cell.padded(to: fact.cells.count > 1 ? widths[index] : 0)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
