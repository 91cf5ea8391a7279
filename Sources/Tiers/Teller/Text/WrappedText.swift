extension String {
    /// The text in lines of so many columns, broken at spaces; a longer word stays whole.
    func wrapped(toColumns limit: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
            if line.isEmpty {
                line = word
            } else if line.displayWidth + 1 + word.displayWidth <= limit {
                line += " " + word
            } else {
                lines.append(line)
                line = word
            }
        }
        return lines + (line.isEmpty ? [] : [line])
    }
}
