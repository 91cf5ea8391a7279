/// What a tier and those behind it spent on a request, for `Server-Timing`.
///
/// Durations nest: a tier's includes those of the tiers behind it, so no clocks need to agree.
/// Source: W3C Server Timing, section 2, the header field.
public struct ServerTiming: Sendable, Hashable, CustomStringConvertible {
    /// The header's name on hop 1 and the trailing metadata's on hop 2.
    public static let headerName = "server-timing"

    public struct Metric: Sendable, Hashable {
        /// The tier's name, a token as HTTP defines it.
        public var name: String
        public var duration: Duration
        /// What the tier did, in printable ASCII; empty when there is nothing to say.
        public var detail: String

        public init(name: String, duration: Duration, detail: String = "") {
            self.name = name
            self.duration = duration
            self.detail = detail
        }
    }

    /// The nearest tier first.
    public var metrics: [Metric]

    public init(_ metrics: [Metric] = []) {
        self.metrics = metrics
    }

    /// Reads a header's value; what is not a metric with a duration is left out, as the standard asks.
    public init(parsing text: String) {
        metrics = Self.split(text, at: ",").compactMap { Metric(parsing: $0) }
    }

    public var description: String {
        metrics.map(\.headerText).joined(separator: ", ")
    }

    /// Splits outside of quoted strings; by scalars, as a mark after a comma leaves it one.
    fileprivate static func split(_ text: String, at separator: Unicode.Scalar) -> [String] {
        var isQuoted = false
        let parts = text.unicodeScalars.split(omittingEmptySubsequences: false) { scalar in
            if scalar == "\"" { isQuoted.toggle() }
            return scalar == separator && !isQuoted
        }
        return parts.map { String($0) }
    }
}

extension ServerTiming.Metric {
    fileprivate init?(parsing text: String) {
        let parts = ServerTiming.split(text, at: ";").map { $0.trimmingSpaces() }
        guard let name = parts.first, !name.isEmpty else { return nil }
        self.init(name: name, duration: .zero)
        var hasDuration = false
        for part in parts.dropFirst() {
            let pair = part.unicodeScalars.split(separator: "=", maxSplits: 1).map { String($0) }
            guard pair.count == 2 else { continue }
            switch pair[0] {
            case "dur":
                guard let milliseconds = Double(pair[1]), (0...1e9).contains(milliseconds) else {
                    return nil
                }
                duration = .microseconds(Int64(milliseconds * 1000))
                hasDuration = true
            case "desc":
                detail.unicodeScalars.append(
                    contentsOf: pair[1].unicodeScalars.filter { $0 != "\"" })
            default: continue
            }
        }
        guard hasDuration else { return nil }
    }

    fileprivate var headerText: String {
        let micros = duration.wholeMicroseconds
        let fraction = String(micros % 1000 + 1000).dropFirst()
        let text = "\(name);dur=\(micros / 1000).\(fraction)"
        return detail.isEmpty ? text : text + ";desc=\"\(detail)\""
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        var rest = unicodeScalars.drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
