#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file of settings: a `NAME=VALUE` in each line, empty lines, and lines that begin with `#`.
///
/// The value is all that follows the first `=`, as it stands: no quotes, no escapes, nothing trimmed.
/// What cannot be meant is an error that names the line but never shows it, since it may be a part of
/// a password.
public struct SettingsFile: Sendable {
    /// A longer one is not a file of settings. In bytes.
    static let limit = 65536

    private var lines: [String: (number: Int, value: SettingText)] = [:]

    /// Reads the file that a flag names, or else an environment variable.
    ///
    /// - Parameters:
    ///   - names: The names that it may set.
    /// - Returns: `nil` when neither names one.
    /// - Throws: ``SettingError`` when it cannot be read, or a line of it is not valid.
    public init?(
        flag: String?, variable: String, names: [String],
        environment: (String) -> String? = Environment.value
    ) throws(SettingError) {
        guard let path = flag ?? environment(variable).flatMap({ $0.isEmpty ? nil : $0 }) else {
            return nil
        }
        let source = "the settings file \(SettingError.printable(path))"
        try self.init(try Self.read(path, source), of: source, names: names)
    }

    /// - Parameters:
    ///   - source: What to call the file in errors.
    init(_ text: String, of source: String, names: [String]) throws(SettingError) {
        let rows = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, row) in rows.enumerated() {
            try add(row, number: index + 1, of: source, names: names)
        }
    }

    private mutating func add(
        _ row: Substring.UTF8View, number: Int, of source: String, names: [String]
    ) throws(SettingError) {
        let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t")]
        let start = row.drop { blanks.contains($0) }.first
        if start == nil || start == UInt8(ascii: "#") { return }
        let line = "line \(number) of \(source)"
        // Such as the carriage return of another system's line ends, which would be in the value.
        if row.contains(where: { $0 < 0x20 && $0 != UInt8(ascii: "\t") || $0 == 0x7F }) {
            throw SettingError(source: line, problem: "has a control character")
        }
        guard let equals = row.firstIndex(of: UInt8(ascii: "=")) else {
            throw SettingError(source: line, problem: "has no '=': expected NAME=VALUE")
        }
        let name = String(decoding: row[..<equals], as: UTF8.self)
        guard names.contains(name) else {
            throw SettingError(
                source: line, problem: "sets none of \(names.joined(separator: ", "))")
        }
        if let first = lines[name] {
            throw SettingError(
                source: line, problem: "sets \(name) again, after line \(first.number)")
        }
        let value = String(decoding: row[row.index(after: equals)...], as: UTF8.self)
        lines[name] = (number, SettingText(text: value, source: "\(name) in \(line)"))
    }

    subscript(_ name: String) -> SettingText? { lines[name]?.value }

    /// What the file holds that a `NAME_FILE` names, without the newline at its end.
    ///
    /// - Throws: ``SettingError`` when it cannot be read, or holds nothing.
    static func secret(_ path: SettingText) throws(SettingError) -> String {
        let source = "\(path.source), the file \(SettingError.printable(path.text)),"
        var secret = try read(path.text, source)[...]
        if secret.utf8.last == UInt8(ascii: "\n") {
            secret = Substring(secret.utf8.dropLast())
        }
        guard !secret.isEmpty else { throw SettingError(source: source, problem: "holds nothing") }
        return String(secret)
    }

    /// A small local file: short enough to read on the thread that asks, once at start.
    private static func read(_ path: String, _ source: String) throws(SettingError) -> String {
        func failure() -> SettingError {
            SettingError(
                source: source, problem: "cannot be read: \(String(cString: strerror(errno)))")
        }
        guard let file = fopen(path, "re") else { throw failure() }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw failure() }
        guard count <= limit else {
            throw SettingError(source: source, problem: "is longer than \(limit) bytes")
        }
        guard let text = String(validating: bytes[..<count], as: UTF8.self),
            !text.utf8.contains(0)
        else {
            throw SettingError(source: source, problem: "is no text in UTF-8")
        }
        return text
    }
}
