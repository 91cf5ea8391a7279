import Ledger

/// A point in time as people write it: a day, or a time of RFC 3339.
enum TimeArgument: Sendable, Hashable {
    /// A whole day, in UTC.
    case day(CivilDate)
    case instant(Timestamp)

    /// - Throws: ``TimeArgumentError``.
    init(_ text: String) throws(TimeArgumentError) {
        if let day = Self.day(text) {
            self = .day(day)
        } else if let instant = Timestamp(text) {
            self = .instant(instant)
        } else {
            throw Self.looksLikeADay(text) ? .noSuchDay(text) : .malformed(text)
        }
    }

    /// The first moment of the day; the instant itself.
    var start: Timestamp {
        switch self {
        case .day(let day): Self.midnight(day, daysLater: 0)
        case .instant(let instant): instant
        }
    }

    /// The first moment after the day; the instant itself.
    var end: Timestamp {
        switch self {
        case .day(let day): Self.midnight(day, daysLater: 1)
        case .instant(let instant): instant
        }
    }

    /// The last moment of the day that the ledger's clock knows; the instant itself.
    var last: Timestamp {
        switch self {
        case .day: Timestamp(microseconds: end.microseconds - 1)
        case .instant(let instant): instant
        }
    }

    private static func midnight(_ day: CivilDate, daysLater: Int64) -> Timestamp {
        Timestamp(microseconds: (day.daysSince1970 + daysLater) * 86_400_000_000)
    }

    private static func day(_ text: String) -> CivilDate? {
        guard looksLikeADay(text) else { return nil }
        let parts = text.split(separator: "-").compactMap { Int64($0) }
        return CivilDate(year: parts[0], month: parts[1], day: parts[2])
    }

    private static func looksLikeADay(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 10
            && bytes.indices.allSatisfy { index in
                let isDash = index == 4 || index == 7
                return isDash
                    ? bytes[index] == UInt8(ascii: "-")
                    : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index])
            }
    }
}

/// Why a text is no point in time.
enum TimeArgumentError: Error, Sendable, Hashable, CustomStringConvertible {
    case malformed(String)
    case noSuchDay(String)

    var description: String {
        switch self {
        case .malformed(let text):
            "'\(text.printable.shortened(toColumns: 40))' is neither a day, such as 2026-01-31, "
                + "nor a time, such as 2026-01-31T09:30:00Z"
        case .noSuchDay(let text): "there is no day \(text)"
        }
    }
}
