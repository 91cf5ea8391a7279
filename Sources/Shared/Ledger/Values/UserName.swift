/// What a person signs in with. It never changes and is never given to somebody else, so that it stands for
/// her: as the owner of an account, and as who asked for a transfer.
public struct UserName: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// - Parameter text: 2 to 32 lower-case letters, digits, dots, hyphens and underscores, a letter first.
    /// - Returns: `nil` for anything else.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard (2...32).contains(bytes.count), let first = bytes.first, Self.isLetter(first),
            bytes.allSatisfy({ Self.isLetter($0) || Self.others.contains($0) })
        else { return nil }
        description = text
    }

    private static let others = Set("0123456789.-_".utf8)

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}
