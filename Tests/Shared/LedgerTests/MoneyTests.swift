import Ledger
import TestSupport
import Testing

@Suite struct MoneyTests {
    @Test(
        arguments: [
            ("1234.56", 123_456), ("-0.01", -1), ("5", 500), ("5.5", 550), ("0", 0), ("-0", 0),
            ("0.00", 0), ("007", 700), ("92233720368547758.07", .max),
            ("-92233720368547758.08", .min),
        ] as [(String, Int64)])
    func `reads dollars`(text: String, cents: Int64) throws {
        #expect(try Money(decimal: text, currency: .usd).minorUnits == cents)
        #expect(try Money(decimal: text[...], currency: .usd).minorUnits == cents)
    }

    @Test(arguments: [
        "", "-", "+1", "1e3", "NaN", "inf", "1,234.56", " 1", "1 ", "1.", ".5", "-.5", ".", "1..2",
        "1.2.3", "--1", "1-", "0x10", "1_000", "١٢", "１", "1\u{301}", "1\0",
        "99999999999999999999x",
    ])
    func `refuses what is no plain decimal number`(text: String) {
        let error = #expect(throws: MoneyError.self) { try Money(decimal: text, currency: .usd) }
        guard case .malformed = error else {
            Issue.record("\(text): \(String(describing: error))")
            return
        }
    }

    @Test func `refuses decimals that the currency has not`() {
        #expect(throws: MoneyError.tooManyDecimals("'1.005'", .usd)) {
            try Money(decimal: "1.005", currency: .usd)
        }
        #expect(throws: MoneyError.tooManyDecimals("'1.000'", .usd)) {
            try Money(decimal: "1.000", currency: .usd)
        }
        #expect(throws: MoneyError.tooManyDecimals("'10.5'", .jpy)) {
            try Money(decimal: "10.5", currency: .jpy)
        }
    }

    @Test(
        arguments: [
            ("92233720368547758.08", .usd), ("-92233720368547758.09", .usd),
            ("92233720368547759", .usd), ("9223372036854775808", .jpy),
            ("-9223372036854775809", .jpy),
            ("9223372036854775.808", .kwd), ("100000000000000000000000000000", .jpy),
        ] as [(String, Currency)])
    func `refuses what Int64 cannot hold`(text: String, currency: Currency) {
        #expect(throws: MoneyError.overflow) { try Money(decimal: text, currency: currency) }
    }

    @Test(
        arguments: [
            (123_456, .usd, "1234.56", "1,234.56"), (-1, .usd, "-0.01", "-0.01"),
            (0, .usd, "0.00", "0.00"), (0, .jpy, "0", "0"), (999, .jpy, "999", "999"),
            (-1000, .jpy, "-1000", "-1,000"), (100_000, .usd, "1000.00", "1,000.00"),
            (1_234_567, .kwd, "1234.567", "1,234.567"), (5, .kwd, "0.005", "0.005"),
            (.max, .usd, "92233720368547758.07", "92,233,720,368,547,758.07"),
            (.min, .usd, "-92233720368547758.08", "-92,233,720,368,547,758.08"),
            (.min, .jpy, "-9223372036854775808", "-9,223,372,036,854,775,808"),
        ] as [(Int64, Currency, String, String)])
    func `prints`(minorUnits: Int64, currency: Currency, plain: String, forPeople: String) {
        let money = Money(minorUnits: minorUnits, currency: currency)
        #expect(money.decimalString == plain)
        #expect(money.formatted == forPeople)
        #expect("\(money)" == "\(currency.code) \(plain)")
    }

    @Test(arguments: ["JPY", "USD", "KWD", "CLF"])
    func `comes back as it was`(code: String) throws {
        let currency = try #require(Currency(code: code))
        var generator = SeededGenerator()
        for _ in 0..<10_000 {
            let money = Money(minorUnits: generator.int64(), currency: currency)
            #expect(try Money(decimal: money.decimalString, currency: currency) == money)
            let ungrouped = money.formatted.filter { $0 != "," }
            #expect(ungrouped == money.decimalString)
        }
    }

    @Test func `adds as wider integers do, or overflows`() throws {
        var generator = SeededGenerator()
        for _ in 0..<10_000 {
            let left = Money(minorUnits: generator.int64(), currency: .eur)
            let right = Money(minorUnits: generator.int64(), currency: .eur)
            let sum = Int128(left.minorUnits) + Int128(right.minorUnits)
            if let expected = Int64(exactly: sum) {
                #expect(try left.adding(right).minorUnits == expected)
                #expect(try left.adding(right).subtracting(right) == left)
            } else {
                #expect(throws: MoneyError.overflow) { try left.adding(right) }
            }
        }
    }

    @Test func `the edges of Int64`() throws {
        let most = Money(minorUnits: .max, currency: .usd)
        let least = Money(minorUnits: .min, currency: .usd)
        let cent = Money(minorUnits: 1, currency: .usd)
        #expect(throws: MoneyError.overflow) { try most.adding(cent) }
        #expect(throws: MoneyError.overflow) { try least.subtracting(cent) }
        #expect(throws: MoneyError.overflow) { try least.negated() }
        #expect(try most.negated().minorUnits == -.max)
        #expect(try most.adding(least).minorUnits == -1)
    }

    @Test func `currencies do not mix`() {
        let dollar = Money(minorUnits: 100, currency: .usd)
        let euro = Money(minorUnits: 100, currency: .eur)
        #expect(throws: MoneyError.currencyMismatch(.usd, .eur)) { try dollar.adding(euro) }
        #expect(throws: MoneyError.currencyMismatch(.eur, .usd)) { try euro.subtracting(dollar) }
        #expect(dollar != euro)
    }
}
