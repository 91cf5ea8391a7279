/// What a mistyped word was meant to be.
enum Spelling {
    /// The nearest of some words; `nil` when none is near.
    static func nearest(to word: String, in words: [String]) -> String? {
        let most = min(2, word.utf8.count / 2)
        let near = words.map { (word: $0, distance: distance(word, $0)) }
            .filter { $0.distance <= most }
        return near.min { $0.distance < $1.distance }?.word
    }

    /// How many letters were left out, added, changed, or exchanged with the next (Damerau).
    static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.utf8.prefix(40)), Array(right.utf8.prefix(40)))
        var rows = [Array(0...right.count)]
        for (i, byte) in left.enumerated() {
            var row = [i + 1]
            for (j, other) in right.enumerated() {
                var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (byte == other ? 0 : 1))
                if i > 0, j > 0, byte == right[j - 1], left[i - 1] == other {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
