import Ledger
import Testing

@Suite struct CurrencyTests {
    @Test(arguments: [("USD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("AED", 2)])
    func `is known by its code`(code: String, exponent: Int) throws {
        let currency = try #require(Currency(code: code))
        #expect(currency.code == code)
        #expect(currency.exponent == exponent)
        #expect(try Currency(code.lowercased()) == currency)
    }

    @Test func `constants are those of the table`() {
        #expect(Currency(code: "USD") == .usd)
        #expect(Currency(code: "EUR") == .eur)
        #expect(Currency(code: "JPY") == .jpy)
        #expect(Currency(code: "KWD") == .kwd)
    }

    @Test func `every one is found, once, in order`() {
        let all = Currency.all
        #expect(all == all.sorted())
        #expect(Set(all).count == all.count)
        #expect(all.allSatisfy { Currency(code: $0.code) == $0 })
        #expect(all.map(\.code) == all.map(\.code).sorted())
    }

    @Test(arguments: ["", "US", "USDX", "U$D", "US ", "ＵＳＤ", "usd"])
    func `what is no code is refused`(code: String) {
        #expect(Currency(code: code) == nil)
    }

    @Test func `says what is wrong`() {
        #expect(throws: CurrencyError.malformed("'dollar'")) { try Currency("dollar") }
        #expect(throws: CurrencyError.unknown("'XXQ'")) { try Currency("XXQ") }
        #expect(throws: CurrencyError.unknown("'DEM'")) { try Currency("DEM") }
        #expect(throws: CurrencyError.malformed("'usd'")) { try Currency(exactly: "usd") }
    }

    /// Active, but nothing that an account could be kept in.
    @Test(arguments: [
        "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX",
    ])
    func `what has no minor unit is called so`(code: String) {
        #expect(Currency(code: code) == nil)
        #expect(throws: CurrencyError.withoutMinorUnit("'\(code)'")) { try Currency(exactly: code) }
        #expect(throws: CurrencyError.withoutMinorUnit("'\(code.lowercased())'")) {
            try Currency(code.lowercased())
        }
        #expect(CurrencyError.withoutMinorUnit(code).description.contains("no minor unit"))
    }
}
