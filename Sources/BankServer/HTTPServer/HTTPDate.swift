import Ledger
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The time as the header field Date has it: RFC 9110, section 5.6.7. Spelled once a second.
final class HTTPDate: Sendable {
    private struct Spelled {
        var second = -1
        var text = ""
    }

    private let last = Mutex(Spelled())

    var now: String {
        let second = time(nil)
        return last.withLock { last in
            if last.second != second { last = Spelled(second: second, text: Self.text(second)) }
            return last.text
        }
    }

    /// - Parameter second: Since 1970-01-01T00:00:00Z.
    static func text(_ second: Int) -> String {
        let days = Int64(second / 86_400)
        let date = CivilDate(daysSince1970: days)
        let ofDay = second % 86_400
        // 1970-01-01 was a Thursday.
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(days % 7)]
        let month = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ][Int(date.month - 1)]
        let clock = [ofDay / 3600, ofDay / 60 % 60, ofDay % 60].map(twoDigits)
        return "\(weekday), \(twoDigits(Int(date.day))) \(month) \(date.year) "
            + "\(clock.joined(separator: ":")) GMT"
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
