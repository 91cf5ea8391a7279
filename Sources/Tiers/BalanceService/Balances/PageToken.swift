/// Where a page of accounts ends: the last account's number. Opaque to callers, so that it may
/// change; not secret.
struct PageToken: Sendable, Equatable {
    /// The ten digits of the last account's number on the page before.
    var lastID: Int64

    init(lastID: Int64) {
        self.lastID = lastID
    }

    /// - Returns: `nil` when the text is no token that this service made.
    init?(_ text: String) {
        guard let values = TokenText.values(in: text, "a", count: 1) else { return nil }
        lastID = values[0]
    }

    var text: String { TokenText.text("a", [lastID]) }
}

/// Numbers as a text: a letter that says what for, and each to the base of 36.
enum TokenText {
    static func text(_ prefix: String, _ values: [Int64]) -> String {
        prefix + values.map { String($0, radix: 36) }.joined(separator: ".")
    }

    /// - Returns: So many numbers, none of them negative; `nil` when this did not make the text.
    static func values(in text: String, _ prefix: String, count: Int) -> [Int64]? {
        guard text.utf8.starts(with: prefix.utf8), text.utf8.count <= 40 else { return nil }
        let parts = text.utf8.dropFirst(prefix.utf8.count).split(
            separator: UInt8(ascii: "."), maxSplits: count, omittingEmptySubsequences: false)
        let values = parts.compactMap { Int64(Substring($0), radix: 36) }
        guard values.count == count, values.allSatisfy({ $0 >= 0 }),
            Self.text(prefix, values).utf8.elementsEqual(text.utf8)
        else { return nil }
        return values
    }
}
