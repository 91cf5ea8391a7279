import Bytes

/// The text of an instant, as RFC 3339 has it.
extension Timestamp: LosslessStringConvertible {
    /// In UTC with microseconds, such as `2026-01-31T09:30:00.000000Z`; years 0000 to 9999.
    public var description: String {
        let (days, ofDay) = microseconds.quotientAndFloorRemainder(dividingBy: 86_400_000_000)
        let date = CivilDate(daysSince1970: days)
        let seconds = ofDay / 1_000_000
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let day = [padded(date.year, 4), padded(date.month, 2), padded(date.day, 2)]
        let time = [
            padded(seconds / 3600, 2), padded(seconds / 60 % 60, 2), padded(seconds % 60, 2),
        ]
        return day.joined(separator: "-") + "T" + time.joined(separator: ":") + "."
            + padded(ofDay % 1_000_000, 6) + "Z"
    }

    /// Reads a date and time with an offset, such as `2026-01-31T09:30:00Z` or
    /// `2026-01-31 10:30:00.5+01:00`; nil for anything else. Digits past microseconds are dropped. A leap
    /// second, the last of a month in UTC, is the second that follows it.
    public init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        guard let year = rest.takeNumber(4), rest.take("-"), let month = rest.takeNumber(2),
            rest.take("-"), let day = rest.takeNumber(2), rest.take("T", "t", " "),
            let hour = rest.takeNumber(2), hour < 24, rest.take(":"),
            let minute = rest.takeNumber(2), minute < 60, rest.take(":"),
            let second = rest.takeNumber(2), second <= 60,
            let fraction = rest.takeFraction(), let offset = rest.takeOffset(), rest.isEmpty,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        let seconds = date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second - offset
        guard second < 60 || Self.isStartOfMonth(seconds) else { return nil }
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    /// - Parameter seconds: Since 1970-01-01T00:00:00Z.
    private static func isStartOfMonth(_ seconds: Int64) -> Bool {
        let (days, ofDay) = seconds.quotientAndFloorRemainder(dividingBy: 86_400)
        return ofDay == 0 && CivilDate(daysSince1970: days).day == 1
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func take(_ choices: Unicode.Scalar...) -> Bool {
        guard let first, choices.contains(where: { UInt8(ascii: $0) == first }) else {
            return false
        }
        removeFirst()
        return true
    }

    fileprivate mutating func takeNumber(_ digits: Int) -> Int64? {
        guard count >= digits, prefix(digits).allSatisfy(\.isASCIIDigit) else { return nil }
        defer { removeFirst(digits) }
        return prefix(digits).reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// In microseconds; 0 where there is none.
    fileprivate mutating func takeFraction() -> Int64? {
        guard take(".") else { return 0 }
        let digits = prefix(while: \.isASCIIDigit)
        guard !digits.isEmpty else { return nil }
        removeFirst(digits.count)
        let kept = digits.prefix(6)
        let known = kept.reduce(Int64(0)) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        return (kept.count..<6).reduce(known) { value, _ in value * 10 }
    }

    /// In seconds east of UTC.
    fileprivate mutating func takeOffset() -> Int64? {
        if take("Z", "z") { return 0 }
        guard first == UInt8(ascii: "+") || first == UInt8(ascii: "-") else { return nil }
        let sign: Int64 = removeFirst() == UInt8(ascii: "-") ? -1 : 1
        guard let hours = takeNumber(2), hours < 24, take(":"), let minutes = takeNumber(2),
            minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}

extension Int64 {
    /// Rounds the quotient towards the past, so that the remainder is never negative.
    fileprivate func quotientAndFloorRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
        let remainder = self % divisor
        return remainder < 0
            ? (self / divisor - 1, remainder + divisor) : (self / divisor, remainder)
    }
}
