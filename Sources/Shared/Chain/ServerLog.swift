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

/// The log's lines of requests: as its other lines are, but without a dictionary, a sort and texts for
/// each of them, which cost a seventh of a request's time.
public struct AccessLog: Sendable {
    private let tier: String
    private let buffer: LogBuffer
    private let isOn: Bool

    /// - Parameters:
    ///   - tier: Whose lines they are.
    ///   - level: Of the whole log: above `info` there are none.
    public init(tier: String, level: Logger.Level) {
        self.init(tier: tier, level: level, buffer: .standardError)
    }

    init(tier: String, level: Logger.Level, buffer: LogBuffer) {
        self.tier = tier
        self.buffer = buffer
        isOn = level <= .info
    }

    /// Writes a line at the level `info`.
    ///
    /// - Parameter fields: Adds its fields, in the order of their keys.
    public func write(_ message: String, fields: (inout LogLine) -> Void) {
        guard isOn else { return }
        buffer.append(of: tier, flushing: false) { line in
            line.begin(.info, tier, message)
            fields(&line)
            line.end()
        }
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
        let message = event.message.description
        buffer.append(of: label, flushing: event.level >= .warning) { line in
            line.begin(event.level, label, message)
            line.add(metadata)
            if let metadata = event.metadata { line.add(metadata) }
            if let error = event.error { line.add("error", "\(error)") }
            line.end()
        }
    }
}
