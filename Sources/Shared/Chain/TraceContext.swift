import Bytes

/// A W3C trace context: which trace a request belongs to, and which span of it calls.
///
/// Source: W3C Trace Context, section 3.2, `traceparent`.
public struct TraceContext: Sendable, Hashable, CustomStringConvertible {
    /// The header's name on hop 1 and the metadata's on hop 2.
    public static let headerName = "traceparent"

    /// 16 bytes, not all zero.
    public let traceID: UInt128
    /// 8 bytes, not all zero.
    public let spanID: UInt64
    /// Whether the caller wants this request's timings recorded and returned.
    public let isSampled: Bool

    init(traceID: UInt128, spanID: UInt64, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Starts a trace.
    public static func random(isSampled: Bool) -> TraceContext {
        var random = FastRandom()
        return TraceContext(
            traceID: UInt128(random.next() | 1) << 64 | UInt128(random.next()),
            spanID: random.next() | 1, isSampled: isSampled)
    }

    /// The context that a tier passes on: the same trace, a span of its own.
    public func child() -> TraceContext {
        var random = FastRandom()
        return TraceContext(traceID: traceID, spanID: random.next() | 1, isSampled: isSampled)
    }

    /// Reads a header's value, of version 00 or a later one that begins like it.
    ///
    /// - Returns: `nil` when it is not a trace context; the standard then starts a new trace.
    public init?(_ text: some StringProtocol) {
        var text = Substring(text).utf8
        guard let version = text.takeHex(of: UInt8.self), version != 0xff, text.takeDash(),
            let traceID = text.takeHex(of: UInt128.self), traceID != 0, text.takeDash(),
            let spanID = text.takeHex(of: UInt64.self), spanID != 0, text.takeDash(),
            let flags = text.takeHex(of: UInt8.self),
            text.isEmpty || (version != 0 && text.takeDash())
        else { return nil }
        self.init(traceID: traceID, spanID: spanID, isSampled: flags & 1 == 1)
    }

    /// The trace's id alone, 32 hexadecimal digits.
    public var traceIDText: String { traceID.hexadecimal }

    /// The header's value, version 00.
    public var description: String {
        String(unsafeUninitializedCapacity: 55) { buffer in
            buffer.putHexadecimal(0 as UInt8, at: 0)
            buffer.putHexadecimal(traceID, at: 3)
            buffer.putHexadecimal(spanID, at: 36)
            buffer.putHexadecimal(isSampled ? 1 : 0 as UInt8, at: 53)
            for index in [2, 35, 52] { buffer[index] = UInt8(ascii: "-") }
            return 55
        }
    }
}

extension Substring.UTF8View {
    /// Removes all the digits of such a number, lower-case hexadecimal, and returns its value.
    fileprivate mutating func takeHex<Number: FixedWidthInteger>(of _: Number.Type) -> Number? {
        var value: Number = 0
        for _ in 0..<Number.bitWidth / 4 {
            guard let byte = popFirst(), !byte.isASCIICapital, let digit = byte.hexDigitValue
            else { return nil }
            value = value << 4 | Number(digit)
        }
        return value
    }

    fileprivate mutating func takeDash() -> Bool { popFirst() == UInt8(ascii: "-") }
}
