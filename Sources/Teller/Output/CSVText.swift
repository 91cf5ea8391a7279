/// Comma-separated values. Source: RFC 4180, lines of which end with CR LF.
struct CSVText: Sendable {
    private(set) var text = ""

    init(header: [String]) {
        append(header)
    }

    mutating func append(_ fields: [String]) {
        text += fields.map(Self.escaped).joined(separator: ",") + "\r\n"
    }

    private static func escaped(_ field: String) -> String {
        let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
        guard field.unicodeScalars.contains(where: special.contains) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
