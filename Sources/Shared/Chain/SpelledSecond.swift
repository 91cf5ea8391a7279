import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The second that it is, in UTC, spelled anew only when it is another one: most events of a busy
/// server fall into the same.
public final class SpelledSecond: Sendable {
    private let format: String
    private let last = Mutex<(second: Int, text: String)>((-1, ""))

    /// - Parameter format: As strftime(3) has it, for at most 39 bytes of text. Names are English: the
    ///   program's locale is C.
    public init(format: String) {
        self.format = format
    }

    public var now: String { text(Int(WallClock.microseconds / 1_000_000)) }

    /// - Parameter second: Since 1970-01-01T00:00:00Z.
    public func text(_ second: Int) -> String {
        last.withLock { last in
            if last.second != second { last = (second, spell(second)) }
            return last.text
        }
    }

    private func spell(_ second: Int) -> String {
        var time = time_t(second)
        var parts = tm()
        gmtime_r(&time, &parts)
        return String(unsafeUninitializedCapacity: 40) { buffer in
            buffer.withMemoryRebound(to: CChar.self) {
                strftime($0.baseAddress, $0.count, format, &parts)
            }
        }
    }
}
