import Bytes

/// The value of a `grpc-timeout` header: at most eight digits and a unit, as `500m` or `5S`.
///
/// Source: gRPC over HTTP/2, "Requests": TimeoutValue and TimeoutUnit.
public struct GRPCTimeout: Sendable, Hashable, CustomStringConvertible {
    /// The header's name on hop 1 and the metadata's on hop 2.
    public static let headerName = "grpc-timeout"

    public let duration: Duration

    public init(_ duration: Duration) {
        self.duration = max(.zero, duration)
    }

    /// Reads a header's value.
    ///
    /// - Returns: `nil` when the text is not a timeout in gRPC's syntax.
    public init?(_ text: some StringProtocol) {
        let bytes = Substring(text).utf8
        guard let unit = bytes.last, (2...9).contains(bytes.count) else { return nil }
        var value: Int64 = 0
        for byte in bytes.dropLast() {
            guard byte.isASCIIDigit else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        switch unit {
        case UInt8(ascii: "H"): duration = .seconds(value * 3600)
        case UInt8(ascii: "M"): duration = .seconds(value * 60)
        case UInt8(ascii: "S"): duration = .seconds(value)
        case UInt8(ascii: "m"): duration = .milliseconds(value)
        case UInt8(ascii: "u"): duration = .microseconds(value)
        case UInt8(ascii: "n"): duration = .nanoseconds(value)
        default: return nil
        }
    }

    /// The value in the finest unit that needs no more than eight digits, rounded down so that a
    /// hop never grants more than is left.
    public var description: String {
        let microseconds = duration.wholeMicroseconds
        if microseconds < 100_000_000 { return "\(microseconds)u" }
        let milliseconds = microseconds / 1000
        if milliseconds < 100_000_000 { return "\(milliseconds)m" }
        return "\(min(milliseconds / 1000, 99_999_999))S"
    }
}

extension Duration {
    /// This duration in microseconds, rounded towards zero and saturated.
    public var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow
            ? (seconds < 0 ? .min : .max) : product &+ attoseconds / 1_000_000_000_000
    }
}
