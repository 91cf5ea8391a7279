import Ledger
import Testing

@testable import LedgerTestSupport

/// Every reader of text goes by bytes: what joins with the character before it, and what only looks like
/// a digit, is refused wherever it stands.
@Suite struct ForeignTextTests {
    struct Reader: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let valid: String
        let reads: @Sendable (String) -> Bool

        init(_ name: String, _ valid: String, _ reads: @escaping @Sendable (String) -> Bool) {
            (testDescription, self.valid, self.reads) = (name, valid, reads)
        }
    }

    private static let readers = [
        Reader("account number", Sample.alice.compact) { (try? AccountNumber($0)) != nil },
        Reader("grouped account number", Sample.alice.grouped) { (try? AccountNumber($0)) != nil },
        Reader("amount", "1234.56") { (try? Money(decimal: $0, currency: .usd)) != nil },
        Reader("negative amount", "-5") { (try? Money(decimal: $0, currency: .usd)) != nil },
        Reader("currency", "USD") { (try? Currency($0)) != nil },
        Reader("id", "0192f3a4-b5c6-7d8e-9fa0-b1c2d3e4f506") { Identifier($0) != nil },
        Reader("time", "2026-01-31T09:30:00Z") { Timestamp($0) != nil },
        Reader("time with an offset", "2026-01-31 10:30:00.5+01:00") { Timestamp($0) != nil },
    ]

    @Test(arguments: readers)
    func `nothing foreign is read`(reader: Reader) {
        #expect(reader.reads(reader.valid))
        for foreign in ["\u{301}", "\u{FE0F}", "\u{200D}", "\u{20E3}", "\u{0}", "\u{A0}"] {
            for place in 0...reader.valid.unicodeScalars.count {
                var scalars = Array(reader.valid.unicodeScalars)
                scalars.insert(contentsOf: foreign.unicodeScalars, at: place)
                let text = String(String.UnicodeScalarView(scalars))
                #expect(!reader.reads(text), "\(place): \(text.unicodeScalars.map(\.value))")
            }
        }
    }

    @Test(arguments: readers)
    func `a digit of another script is invalid`(reader: Reader) {
        for (place, scalar) in reader.valid.unicodeScalars.enumerated() {
            guard let digit = scalar.properties.numericType == .decimal ? scalar.value - 48 : nil
            else { continue }
            // Arabic-Indic, Devanagari, full-width, mathematical.
            for zero in [0x660, 0x966, 0xFF10, 0x1D7CE] as [UInt32] {
                guard let other = Unicode.Scalar(zero + digit) else { continue }
                var scalars = Array(reader.valid.unicodeScalars)
                scalars[place] = other
                #expect(!reader.reads(String(String.UnicodeScalarView(scalars))))
            }
        }
    }
}
