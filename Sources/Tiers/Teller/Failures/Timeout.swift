import Chain

/// How long a command may take, as people write it: `500ms`, `5s`, `2m`.
struct Timeout: Sendable, Hashable, CustomStringConvertible {
    let duration: Duration

    static let standard = Timeout(.seconds(5))

    init(_ duration: Duration) {
        self.duration = duration
    }

    /// - Throws: ``TimeoutError`` when the text is not a whole number and a unit, or the time is
    ///   zero or more than ``Deadline/longest``.
    init(_ text: String) throws(TimeoutError) {
        let (digits, unit) = text.digitsAndUnit
        guard !digits.isEmpty, ["ms", "s", "m"].contains(unit) else { throw .malformed }
        guard let number = Int64(digits), number <= 10_000_000 else { throw .tooLong }
        guard number > 0 else { throw .zero }
        let duration: Duration =
            switch unit {
            case "ms": .milliseconds(number)
            case "s": .seconds(number)
            default: .seconds(number * 60)
            }
        guard duration <= Deadline.longest else { throw .tooLong }
        self.init(duration)
    }

    var description: String {
        let milliseconds = duration.wholeMicroseconds / 1000
        let seconds = milliseconds / 1000
        return if seconds * 1000 != milliseconds {
            "\(milliseconds)ms"
        } else if seconds > 60, seconds % 60 == 0 {
            "\(seconds / 60)m"
        } else {
            "\(seconds)s"
        }
    }
}

/// Why a text is not a timeout.
enum TimeoutError: Error, Sendable, Hashable, CustomStringConvertible {
    case malformed
    case zero
    case tooLong

    var description: String {
        switch self {
        case .malformed: "a timeout is a whole number and ms, s or m, such as 500ms, 5s or 2m"
        case .zero: "a timeout of zero leaves no time to ask: give it at least 1ms"
        case .tooLong: "a timeout is at most \(Deadline.longest.components.seconds / 60)m"
        }
    }
}
