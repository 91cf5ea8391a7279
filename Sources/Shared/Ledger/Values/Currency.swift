import Bytes

/// A currency of ISO 4217: its alphabetic code and the number of digits in its minor unit.
///
/// Four bytes: three for the code, so that currencies order by code, and one for the exponent.
public struct Currency: Hashable, Sendable {
    private let packed: UInt32

    /// The currency with exactly this ISO 4217 code, in upper case; nil when there is none.
    @inlinable
    public init?(code: some StringProtocol) {
        guard let currency = try? Currency(exactly: code) else { return nil }
        self = currency
    }

    /// Parses a code in upper case, as programs write it.
    ///
    /// - Throws: ``CurrencyError``.
    @inlinable
    public init(exactly code: some StringProtocol) throws(CurrencyError) {
        try self.init(code, foldingCase: false)
    }

    /// Parses a code that a person may have typed, in either case.
    ///
    /// - Throws: ``CurrencyError`` that says whether this is no code at all, an unknown one, or one that
    ///   no account can be kept in.
    @inlinable
    public init(_ code: some StringProtocol) throws(CurrencyError) {
        try self.init(code, foldingCase: true)
    }

    @usableFromInline
    init(_ code: some StringProtocol, foldingCase: Bool) throws(CurrencyError) {
        var letters: UInt32 = 0
        var count = 0
        for byte in code.utf8 {
            let letter = foldingCase ? byte.asciiUppercased : byte
            count += 1
            guard count <= 3, letter.isASCIICapital else {
                throw .malformed(quoted(code))
            }
            letters = letters << 8 | UInt32(letter)
        }
        guard count == 3 else { throw .malformed(quoted(code)) }
        guard let packed = Self.table.first(withLetters: letters) else {
            let isActive = CurrencyTable.codesWithoutMinorUnit.contains(
                foldingCase ? code.uppercased() : String(code))
            throw isActive ? .withoutMinorUnit(quoted(code)) : .unknown(quoted(code))
        }
        self.packed = packed
    }

    private init(_ code: StaticString, exponent: UInt32) {
        packed = code.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt32($1) } } << 8 | exponent
    }

    /// The three letters of ISO 4217, such as `USD`.
    public var code: String {
        String(unsafeUninitializedCapacity: 3) { buffer in
            buffer[0] = UInt8(truncatingIfNeeded: packed >> 24)
            buffer[1] = UInt8(truncatingIfNeeded: packed >> 16)
            buffer[2] = UInt8(truncatingIfNeeded: packed >> 8)
            return 3
        }
    }

    /// How many decimal digits the minor unit has: 0 for JPY, 2 for USD, 3 for KWD.
    public var exponent: Int { Int(packed & 0xFF) }

    /// The United States dollar.
    public static let usd = Currency("USD", exponent: 2)
    /// The euro.
    public static let eur = Currency("EUR", exponent: 2)
    /// The Japanese yen, which has no minor unit.
    public static let jpy = Currency("JPY", exponent: 0)
    /// The Kuwaiti dinar, of 1000 fils.
    public static let kwd = Currency("KWD", exponent: 3)

    /// Every active currency, ordered by code.
    public static var all: [Currency] { table.rows.map(Currency.init(packed:)) }

    private init(packed: UInt32) { self.packed = packed }

    private static let table = CurrencyTable()
}

extension Currency: Comparable, CustomStringConvertible {
    public static func < (left: Currency, right: Currency) -> Bool { left.packed < right.packed }

    public var description: String { code }
}
