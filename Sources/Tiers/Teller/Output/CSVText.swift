extension [String] {
    /// The fields as a line of comma-separated values. Source: RFC 4180, where lines end with CR LF.
    ///
    /// Each field is as it is, also one that a spreadsheet would take for a formula: what OWASP names
    /// against that (CSV Injection) puts a character before it, which is no longer what was written.
    var csvLine: String {
        map(\.csvField).joined(separator: ",") + "\r\n"
    }
}

extension String {
    fileprivate var csvField: String {
        guard utf8.contains(where: ",\"\r\n".utf8.contains) else { return self }
        // By bytes: with a mark behind it, a quote is part of another Character.
        let doubled = utf8.flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] }
        return "\"" + String(decoding: doubled, as: UTF8.self) + "\""
    }
}
