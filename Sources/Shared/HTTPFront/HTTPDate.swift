import Chain

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The time as the header field Date has it: RFC 9110, section 5.6.7.
public struct HTTPDate: Sendable {
    private let second = SpelledSecond(format: "%a, %d %b %Y %H:%M:%S GMT")

    public init() {}

    public var now: String { text(time(nil)) }

    /// - Parameter second: Since 1970-01-01T00:00:00Z.
    public func text(_ second: Int) -> String { self.second.text(second) }
}
