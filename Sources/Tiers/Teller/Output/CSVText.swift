/// Comma-separated values. Source: RFC 4180, lines of which end with CR LF.
///
/// Each field is as it is, also one that a spreadsheet would take for a formula: what OWASP names
/// against that (CSV Injection) puts a character before it, which is no longer what was written.
struct CSVText: Sendable {
    private(set) var text = ""

    init(header: [String]) {
        append(header)
    }

    mutating func append(_ fields: [String]) {
        text += fields.map(Self.escaped).joined(separator: ",") + "\r\n"
    }

    private static func escaped(_ field: String) -> String {
        let special = Array(",\"\r\n".utf8)
        guard field.utf8.contains(where: special.contains) else { return field }
        // By bytes: with a mark behind it, a quote is part of another Character.
        let doubled = field.utf8.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] }
        return "\"" + String(decoding: doubled, as: UTF8.self) + "\""
    }
}
