/// A libpq connection string that was given by the user, and what of it may be shown.
///
/// Both forms of libpq's manual, 34.1.1: keywords and values, and URIs. Where the text is odd, too
/// much is hidden rather than too little.
struct DatabaseAddress: Sendable, Equatable {
    /// With its password: only for the environment of a process that connects.
    let url: String
    /// Without any password.
    let shown: String
    private let secrets: [String]

    init(_ url: String) {
        self.url = url
        var secrets: [String] = []
        if let scheme = url.range(ofText: "://") {
            shown =
                String(url[..<scheme.upperBound])
                + Self.hideInURI(url[scheme.upperBound...], &secrets)
        } else {
            shown = Self.hideInKeywords(url, &secrets)
        }
        if let password = Host.variable("PGPASSWORD") { secrets.append(password) }
        self.secrets = (secrets + secrets.map(Self.percentDecoded))
            .filter { !$0.isEmpty }.sorted { $0.count > $1.count }
    }

    /// A line of somebody else's output, without the password that it may repeat.
    func scrub(_ line: String) -> String {
        secrets.reduce(line) { $0.replacingText($1, with: "***") }
    }

    private static func hideInURI(_ rest: Substring, _ secrets: inout [String]) -> String {
        // The last @: a password with an unescaped one is a mistake, and still not to be shown.
        guard let at = rest.lastIndex(of: "@") else { return hideInQuery(rest, &secrets) }
        let user = rest[..<at]
        let place = hideInQuery(rest[rest.index(after: at)...], &secrets)
        guard let colon = user.firstIndex(of: ":") else {
            return "\(hideInQuery(user, &secrets))@\(place)"
        }
        secrets.append(String(user[user.index(after: colon)...]))
        return "\(user[..<colon])@\(place)"
    }

    private static func hideInQuery(_ text: Substring, _ secrets: inout [String]) -> String {
        guard let mark = text.firstIndex(of: "?") else { return String(text) }
        let kept = text[text.index(after: mark)...].split(separator: "&").filter { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard percentDecoded(String(halves[0])).lowercased().hasSuffix("password") else {
                return true
            }
            if halves.count == 2 { secrets.append(String(halves[1])) }
            return false
        }
        return String(text[..<mark]) + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
    }

    private static func hideInKeywords(_ text: String, _ secrets: inout [String]) -> String {
        var scanner = KeywordScanner(text)
        var kept: [String] = []
        while let (name, value, raw) = scanner.next() {
            if name.lowercased().hasSuffix("password") {
                secrets.append(value)
            } else {
                kept.append("\(name)=\(raw)")
            }
        }
        return kept.joined(separator: " ")
    }

    private static func percentDecoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// `name = value` pairs: a value may be in single quotes, and a backslash takes the next as it is.
private struct KeywordScanner {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    mutating func next() -> (name: String, value: String, raw: String)? {
        rest = rest.drop { $0.isWhitespace }
        guard !rest.isEmpty else { return nil }
        let name = rest.prefix { $0 != "=" && !$0.isWhitespace }
        rest = rest.dropFirst(name.count).drop { $0.isWhitespace }
        guard rest.first == "=" else { return (String(name), "", "") }
        rest = rest.dropFirst().drop { $0.isWhitespace }
        let start = rest.startIndex
        let isQuoted = rest.first == "'"
        if isQuoted { rest.removeFirst() }
        var value = ""
        while let character = rest.popFirst() {
            if isQuoted ? character == "'" : character.isWhitespace { break }
            if character == "\\" {
                if let next = rest.popFirst() { value.append(next) }
            } else {
                value.append(character)
            }
        }
        let raw = rest.base[start..<rest.startIndex]
        return (String(name), value, String(raw).trimmed)
    }
}
