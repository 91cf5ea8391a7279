import Bytes

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
        if let start = Self.endOfScheme(url) {
            shown = String(url[..<start]) + Self.hideInURI(url[start...], &secrets)
        } else {
            shown = Self.hideInKeywords(url, &secrets)
        }
        if let password = Host.variable("PGPASSWORD") { secrets.append(password) }
        self.secrets = (secrets + secrets.compactMap { $0[...].percentDecoded })
            .filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    }

    /// A line of somebody else's output, without the password that it may repeat.
    func scrub(_ line: String) -> String {
        secrets.reduce(line) { $0.replacingText($1, with: "***") }
    }

    /// Where what follows `postgresql://` begins. libpq takes no other scheme for a URI, but a person
    /// may have.
    private static func endOfScheme(_ url: String) -> String.Index? {
        guard let mark = url.range(ofText: "://"),
            url[..<mark.lowerBound].utf8.allSatisfy({ $0 != UInt8(ascii: "=") && $0 > 0x20 })
        else { return nil }
        return mark.upperBound
    }

    private static func hideInURI(_ rest: Substring, _ secrets: inout [String]) -> String {
        // The last @: a password with an unescaped one is a mistake, and still not to be shown.
        guard let at = rest.utf8.lastIndex(of: UInt8(ascii: "@")) else {
            return hideInQuery(rest, &secrets)
        }
        let user = rest[..<at]
        let colon = user.utf8.firstIndex(of: UInt8(ascii: ":"))
        if let colon { secrets.append(String(user[user.utf8.index(after: colon)...])) }
        if let mark = user.utf8.firstIndex(of: UInt8(ascii: "?")) {
            // The @ is in the query or the mark in the password: nothing behind either can be shown.
            _ = hideInQuery(rest, &secrets)
            return String(user[..<min(colon ?? mark, mark)])
        }
        let place = hideInQuery(rest[rest.utf8.index(after: at)...], &secrets)
        return "\(user[..<(colon ?? at)])@\(place)"
    }

    private static func hideInQuery(_ text: Substring, _ secrets: inout [String]) -> String {
        guard let mark = text.utf8.firstIndex(of: UInt8(ascii: "?")) else { return String(text) }
        let pairs = text[text.utf8.index(after: mark)...].unicodeScalars.split(separator: "&")
        let kept = pairs.map { String($0) }.filter { pair in
            let name = pair.unicodeScalars.prefix { $0 != "=" }
            // A name that is not well encoded may be meant for a password's.
            if let name = Substring(name).percentDecoded, !isSecret(name) { return true }
            secrets.append(String(pair.unicodeScalars.dropFirst(name.count + 1)))
            return false
        }
        return String(text[..<mark]) + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
    }

    private static func hideInKeywords(_ text: String, _ secrets: inout [String]) -> String {
        var scanner = KeywordScanner(text)
        var kept: [String] = []
        while let (name, value, raw) = scanner.next() {
            if isSecret(name) {
                secrets.append(value)
            } else if let raw {
                kept.append("\(name)=\(raw)")
            }
        }
        return kept.joined(separator: " ")
    }

    /// `password`, `sslpassword`, `oauth_client_secret`, `scram_client_key`, and what was meant to be
    /// one.
    private static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["password", "secret", "scram_"].contains { name.range(ofText: $0) != nil }
    }
}

/// `name = value` pairs: a value may be in single quotes, and a backslash takes the next as it is.
private struct KeywordScanner {
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) { rest = text[...].unicodeScalars }

    /// - Returns: `raw` as it was written; nil for a name without a value, which libpq refuses.
    mutating func next() -> (name: String, value: String, raw: String?)? {
        rest = rest.drop(while: Self.isSpace)
        guard !rest.isEmpty else { return nil }
        let name = rest.prefix { $0 != "=" && !Self.isSpace($0) }
        rest = rest.dropFirst(name.count).drop(while: Self.isSpace)
        guard rest.first == "=" else { return (String(name), "", nil) }
        rest = rest.dropFirst().drop(while: Self.isSpace)
        let value = rest
        let isQuoted = rest.first == "'"
        if isQuoted { rest.removeFirst() }
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if isQuoted ? scalar == "'" : Self.isSpace(scalar) { break }
            if scalar == "\\" {
                if let next = rest.popFirst() { text.append(next) }
            } else {
                text.append(scalar)
            }
        }
        return (String(name), String(text), String(value[..<rest.startIndex]).trimmed)
    }

    /// isspace(3) as libpq uses it: of ASCII.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || (0x09...0x0D).contains(scalar.value)
    }
}
