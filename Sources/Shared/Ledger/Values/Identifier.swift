import Bytes

/// A UUID (RFC 9562): names a transfer, or a ledger.
public struct Identifier: Hashable, Sendable {
    /// The first eight bytes, the first of them the most significant.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes a version 7 UUID, which sorts by the time it was made (RFC 9562, section 5.7).
    ///
    /// - Parameters:
    ///   - milliseconds: Since 1970-01-01T00:00:00Z; 48 bits are used. A wrong clock only sorts wrong.
    ///   - generator: Gives the other 74 bits, which alone make it unique.
    public static func version7(
        milliseconds: UInt64, using generator: inout some RandomNumberGenerator
    ) -> Identifier {
        let random = UInt64.random(in: 0...0xFFF, using: &generator)
        let low = UInt64.random(in: 0...(1 << 62 - 1), using: &generator)
        return Identifier(high: milliseconds << 16 | 0x7000 | random, low: 1 << 63 | low)
    }
}

extension Identifier {
    /// Of only zeros or only ones: RFC 9562's Nil and Max UUIDs, which stand for no id.
    public var isReserved: Bool {
        (high, low) == (.min, .min) || (high, low) == (.max, .max)
    }
}

extension Identifier: LosslessStringConvertible, Comparable {
    /// Lower-case hexadecimal in groups of 8-4-4-4-12.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var rest = UInt128(high) << 64 | UInt128(low)
            for index in (0..<36).reversed() {
                if Self.isDash(index) {
                    buffer[index] = UInt8(ascii: "-")
                } else {
                    buffer[index] = UInt8(hexDigit: UInt8(truncatingIfNeeded: rest) & 0xF)
                    rest >>= 4
                }
            }
            return 36
        }
    }

    /// Reads the form of `description`, in either case; nil when it is another.
    public init?(_ description: String) {
        var value: UInt128 = 0
        var index = 0
        for byte in description.utf8 {
            if Self.isDash(index) {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard index < 36, let digit = byte.hexDigitValue else { return nil }
                value = value << 4 | UInt128(digit)
            }
            index += 1
        }
        guard index == 36 else { return nil }
        self.init(high: UInt64(value >> 64), low: UInt64(truncatingIfNeeded: value))
    }

    private static func isDash(_ index: Int) -> Bool {
        index == 8 || index == 13 || index == 18 || index == 23
    }

    public static func < (left: Identifier, right: Identifier) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension Identifier {
    /// Reads sixteen bytes in the order they are written; nil when there are not sixteen.
    @inlinable
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        func word(_ part: some Collection<UInt8>) -> UInt64 {
            part.reduce(0) { $0 << 8 | UInt64($1) }
        }
        self.init(high: word(bytes.prefix(8)), low: word(bytes.dropFirst(8)))
    }

    /// The sixteen bytes in the order they are written.
    public var bytes: [UInt8] {
        (0..<16).map { index in
            UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index % 8)))
        }
    }
}
