/// A universally unique identifier (RFC 9562): sixteen bytes.
public struct PostgresUUID: Hashable, Sendable {
    /// The first eight bytes, the first of them the most significant.
    public let high: UInt64
    /// The last eight bytes.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads sixteen bytes in the order they are written.
    /// - Returns: nil when there are not sixteen.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        func word(_ part: some Collection<UInt8>) -> UInt64 {
            part.reduce(0) { $0 << 8 | UInt64($1) }
        }
        self.init(high: word(bytes.prefix(8)), low: word(bytes.dropFirst(8)))
    }

    /// The sixteen bytes in the order they are written.
    public var bytes: [UInt8] {
        var writer = PostgresWriter()
        encode(into: &writer)
        return writer.bytes
    }
}

extension PostgresUUID: LosslessStringConvertible {
    /// Lower-case hexadecimal in groups of 8-4-4-4-12.
    public var description: String {
        var text = ""
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append("-") }
            text.append(byte < 16 ? "0" : "")
            text.append(String(byte, radix: 16))
        }
        return text
    }

    /// Reads the form of `description`, in either case.
    public init?(_ description: String) {
        let groups = description.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
        let digits = groups.joined()
        guard digits.allSatisfy(\.isHexDigit),
            let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.dropFirst(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}

extension PostgresUUID: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .uuid }
    public static var postgresArrayType: PostgresType { .uuidArray }

    @inlinable
    public func encode(into writer: inout PostgresWriter) {
        writer.append(high)
        writer.append(low)
    }

    public init(_ value: PostgresValue) throws(PostgresDecodingError.Reason) {
        let bytes = try value.bytes(of: .uuid)
        guard let uuid = PostgresUUID(bytes: bytes) else { throw .malformed }
        self = uuid
    }
}
