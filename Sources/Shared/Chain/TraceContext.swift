/// A W3C trace context: which trace a request belongs to, and which span of it calls.
///
/// Source: W3C Trace Context, section 3.2, `traceparent`.
public struct TraceContext: Sendable, Hashable, CustomStringConvertible {
    /// The header's name on hop 1 and the metadata's on hop 2.
    public static let headerName = "traceparent"

    /// 16 bytes, not all zero.
    public let traceID: (high: UInt64, low: UInt64)
    /// 8 bytes, not all zero.
    public let spanID: UInt64
    /// Whether the caller wants this request's timings recorded and returned.
    public let isSampled: Bool

    init(traceID: (high: UInt64, low: UInt64), spanID: UInt64, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Starts a trace.
    public static func random(isSampled: Bool) -> TraceContext {
        var random = FastRandom()
        return TraceContext(
            traceID: (random.next() | 1, random.next()), spanID: random.next() | 1,
            isSampled: isSampled)
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
        guard let version = text.takeHex(2), version != 0xff, text.take("-"),
            let high = text.takeHex(16), let low = text.takeHex(16), text.take("-"),
            let spanID = text.takeHex(16), text.take("-"), let flags = text.takeHex(2),
            high | low != 0, spanID != 0,
            text.isEmpty || (version != 0 && text.first == UInt8(ascii: "-"))
        else { return nil }
        self.init(traceID: (high, low), spanID: spanID, isSampled: flags & 1 == 1)
    }

    /// The trace's id alone, 32 hexadecimal digits.
    public var traceIDText: String {
        String(unsafeUninitializedCapacity: 32) { buffer in
            buffer.putHex(traceID.high, at: 0)
            buffer.putHex(traceID.low, at: 16)
            return 32
        }
    }

    /// The header's value, version 00.
    public var description: String {
        String(unsafeUninitializedCapacity: 55) { buffer in
            buffer.put("00-", at: 0)
            buffer.putHex(traceID.high, at: 3)
            buffer.putHex(traceID.low, at: 19)
            buffer.put("-", at: 35)
            buffer.putHex(spanID, at: 36)
            buffer.put(isSampled ? "-01" : "-00", at: 52)
            return 55
        }
    }

    public static func == (lhs: TraceContext, rhs: TraceContext) -> Bool {
        lhs.traceID == rhs.traceID && lhs.spanID == rhs.spanID && lhs.isSampled == rhs.isSampled
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(traceID.high)
        hasher.combine(traceID.low)
        hasher.combine(spanID)
    }
}

extension Substring.UTF8View {
    /// Removes `digits` lower-case hexadecimal digits from the front and returns their value.
    fileprivate mutating func takeHex(_ digits: Int) -> UInt64? {
        var value: UInt64 = 0
        for _ in 0..<digits {
            guard let byte = popFirst() else { return nil }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(byte - 48)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(byte - 87)
            default: return nil
            }
        }
        return value
    }

    fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
        popFirst() == UInt8(ascii: character)
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    fileprivate func putHex(_ value: UInt64, at index: Int) {
        for digit in 0..<16 {
            let nibble = UInt8(truncatingIfNeeded: value >> (60 - 4 * digit)) & 0xf
            self[index + digit] = nibble < 10 ? 48 + nibble : 87 + nibble
        }
    }

    fileprivate func put(_ text: StaticString, at index: Int) {
        text.withUTF8Buffer { bytes in
            for (offset, byte) in bytes.enumerated() { self[index + offset] = byte }
        }
    }
}
