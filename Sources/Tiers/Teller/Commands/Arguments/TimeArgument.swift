import ArgumentParser
import Ledger

/// A point in time as people write it: a day in UTC, or a time of RFC 3339.
struct TimeArgument: Sendable {
    /// The first moment of the day; the instant itself.
    let start: Timestamp
    private let isDay: Bool

    /// - Throws: `ValidationError` for a text that is neither.
    init(_ text: String) throws(ValidationError) {
        let midnight = Timestamp("\(text)T00:00:00Z")
        isDay = midnight != nil
        guard let start = midnight ?? Timestamp(text) else {
            throw ValidationError(
                text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil
                    ? "there is no day \(text)"
                    : "'\(text.printable.shortened(toColumns: 40))' is neither a day, such as "
                        + "2026-01-31, nor a time, such as 2026-01-31T09:30:00Z")
        }
        self.start = start
    }

    /// The first moment after the day; the instant itself.
    var end: Timestamp { isDay ? start.adding(seconds: 86_400) : start }

    /// The last moment of the day that the ledger's clock knows; the instant itself.
    var last: Timestamp {
        isDay ? Timestamp(microseconds: end.microseconds - 1) : start
    }
}
