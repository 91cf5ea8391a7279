extension String {
    /// The text without the full stop at its end.
    var withoutStop: String {
        var text = self
        while text.hasSuffix(".") { text.removeLast() }
        return text
    }

    func withoutPrefix(_ prefix: String) -> String {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
    }

    /// A sentence, to go on within another.
    var lowercasedFirst: String {
        guard let first, dropFirst().first?.isUppercase != true else { return self }
        return first.lowercased() + dropFirst()
    }
}
