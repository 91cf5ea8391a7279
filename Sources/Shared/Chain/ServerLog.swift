public import Logging

/// Sets up a server's log: one line an event on standard error, as `key=value` pairs (logfmt).
///
/// Lines below `warning` are gathered for at most ``LogBuffer/flushInterval`` or
/// ``LogBuffer/capacity``, so that an access log does not cost a system call a request. Warnings
/// and errors are written at once, with all that came before them.
public enum ServerLog {
    public static func bootstrap(level: Logger.Level) {
        LoggingSystem.bootstrap { label in
            LogfmtHandler(label: label, buffer: .standardError, logLevel: level)
        }
    }

    /// Writes what is still buffered; for the end of the process.
    public static func flush() {
        LogBuffer.standardError.flush()
    }
}

struct LogfmtHandler: LogHandler {
    let label: String
    let buffer: LogBuffer
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(label: String, buffer: LogBuffer, logLevel: Logger.Level) {
        self.label = label
        self.buffer = buffer
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = ""
        line.reserveCapacity(320)
        line += "time="
        line += LogClock.now()
        line += " level="
        line += event.level.rawValue
        line += " tier="
        line += label
        line += " msg="
        line.appendLogfmt(event.message.description)
        append(metadata, to: &line)
        if let metadata = event.metadata { append(metadata, to: &line) }
        if let error = event.error {
            line += " error="
            line.appendLogfmt("\(error)")
        }
        line += "\n"
        buffer.append(line, of: label, flushing: event.level >= .warning)
    }

    private func append(_ metadata: Logger.Metadata, to line: inout String) {
        guard !metadata.isEmpty else { return }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += " "
            line += key
            line += "="
            if case .string(let text) = value {
                line.appendLogfmt(text)
            } else {
                line.appendLogfmt("\(value)")
            }
        }
    }
}

extension String {
    /// Appends a value, quoted and escaped when it holds more than letters, digits and signs, so
    /// that nothing a caller sends can start a line or a field of its own.
    fileprivate mutating func appendLogfmt(_ value: String) {
        let isPlain = value.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7f && byte != 0x22 && byte != 0x3d && byte != 0x5c
        }
        if isPlain && !value.isEmpty {
            self += value
            return
        }
        self += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": self += "\\\""
            case "\\": self += "\\\\"
            case "\n": self += "\\n"
            case _ where scalar.properties.generalCategory == .control:
                self += "\\u{\(String(scalar.value, radix: 16))}"
            default: unicodeScalars.append(scalar)
            }
        }
        self += "\""
    }
}

/// The time of day in UTC, RFC 3339, with milliseconds.
enum LogClock {
    private static let second = SpelledSecond(format: "%Y-%m-%dT%H:%M:%S")

    static func now() -> String {
        let milliseconds = WallClock.microseconds / 1000
        let text = second.text(Int(milliseconds / 1000))
        return "\(text).\(String(milliseconds % 1000 + 1000).dropFirst())Z"
    }
}
