public import NIOCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How hop 1 writes and reads JSON: keys in a stable order.
public enum BankJSON {
    public static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// What always encodes: of texts, numbers and lists of them.
    public static func body(_ value: some Encodable) -> ByteBuffer {
        (try? encode(value)).map { ByteBuffer(bytes: $0) } ?? ByteBuffer()
    }

    /// The value as JSON in UTF-8.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        Array(try encoder().encode(value))
    }

    public static func decoder() -> JSONDecoder {
        JSONDecoder()
    }
}
