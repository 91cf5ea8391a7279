import TestSupport
import Testing

@testable import Ledger

@Suite struct Mod97Tests {
    /// Examples that banks and ISO 13616's registry publish.
    @Test(arguments: [
        "GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606",
        "NO9386011117947", "MT84MALT011000012345MTLCAST001S", "BE68539007547034",
        "CH9300762011623852957", "SA0380000000608010167519",
    ])
    func `IBANs in use leave 1`(iban: String) {
        #expect(remainder(iban.dropFirst(4) + iban.prefix(4)) == 1)
    }

    @Test(arguments: ["GB28WEST12345698765432", "GB82WEST12345698765423"])
    func `mistyped ones do not`(iban: String) {
        #expect(remainder(iban.dropFirst(4) + iban.prefix(4)) != 1)
    }

    @Test func `check digits make the remainder 1`() {
        var mod97 = Mod97()
        "WEST12345698765432".utf8.forEach { mod97.append($0) }
        #expect(mod97.checkDigits(forCountry: (UInt8(ascii: "G"), UInt8(ascii: "B"))) == 82)
    }

    @Test func `ten digits at once are the same as one by one`() {
        var generator = SeededGenerator()
        for _ in 0..<1000 {
            let number = UInt64.random(in: 0...9_999_999_999, using: &generator)
            let digits = String(repeating: "0", count: 10 - String(number).count) + String(number)
            var mod97 = Mod97()
            mod97.append(UInt8(ascii: "Q"))
            mod97.append(tenDigits: number)
            #expect(mod97.remainder == remainder("Q" + digits))
        }
    }

    private func remainder(_ text: some StringProtocol) -> UInt64 {
        var mod97 = Mod97()
        text.utf8.forEach { mod97.append($0) }
        return mod97.remainder
    }
}
