import Logging

/// Lines of a server's log, as `key=value` pairs (logfmt), written as bytes.
public struct LogLine {
    var bytes: [UInt8] = []

    /// - Parameter key: Plain: letters, digits and signs.
    public mutating func add(_ key: StaticString, _ value: String) {
        begin(key)
        append(value)
    }

    public mutating func add(_ key: StaticString, _ value: Int) {
        begin(key)
        plain(String(value))
    }

    mutating func begin(_ level: Logger.Level, _ tier: String, _ message: String) {
        plain("time=")
        LogClock.write(to: &self)
        plain(" level=")
        plain(level.rawValue)
        plain(" tier=")
        plain(tier)
        plain(" msg=")
        append(message)
    }

    mutating func add(_ metadata: Logger.Metadata) {
        guard !metadata.isEmpty else { return }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            plain(" ")
            plain(key)
            plain("=")
            if case .string(let text) = value { append(text) } else { append("\(value)") }
        }
    }

    mutating func end() { bytes.append(UInt8(ascii: "\n")) }

    mutating func plain(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func begin(_ key: StaticString) {
        bytes.append(UInt8(ascii: " "))
        key.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "="))
    }

    /// Appends a value, quoted and escaped when it holds more than letters, digits and signs, so
    /// that nothing a caller sends can start a line or a field of its own.
    private mutating func append(_ value: String) {
        let isPlain = value.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7f && byte != 0x22 && byte != 0x3d && byte != 0x5c
        }
        guard value.isEmpty || !isPlain else { return plain(value) }
        plain("\"")
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": plain("\\\"")
            case "\\": plain("\\\\")
            case "\n": plain("\\n")
            case _ where scalar.properties.generalCategory == .control:
                plain("\\u{\(String(scalar.value, radix: 16))}")
            default: plain(String(scalar))
            }
        }
        plain("\"")
    }
}

/// The time of day in UTC, RFC 3339, with milliseconds.
private enum LogClock {
    private static let second = SpelledSecond(format: "%Y-%m-%dT%H:%M:%S")

    static func write(to line: inout LogLine) {
        let milliseconds = WallClock.microseconds / 1000
        line.plain(second.text(Int(milliseconds / 1000)))
        line.bytes.append(UInt8(ascii: "."))
        let digits = UInt16(truncatingIfNeeded: milliseconds % 1000)
        for place in [100, 10, 1] as [UInt16] {
            line.bytes.append(UInt8(ascii: "0") + UInt8(digits / place % 10))
        }
        line.bytes.append(UInt8(ascii: "Z"))
    }
}
