import Ledger
import Testing

/// Messages quote what was given: it must not reach a terminal raw, nor fill it.
@Suite struct ErrorTextTests {
    @Test func `is one short line of what was expected`() {
        let hostile = "\u{1b}[2J\n" + String(repeating: "9", count: 1_000_000) + "x"
        #expect(
            MoneyError.malformed("'1e3'").description
                == "'1e3' is not an amount: digits are expected, with a point before the decimals "
                + "and no separators, such as 1234.56")
        #expect(
            MoneyError.tooManyDecimals("'1.5'", .jpy).description
                == "'1.5' is not an amount of JPY, which has no decimals")
        let messages = [
            message { _ = try Money(decimal: hostile, currency: .usd) },
            message { _ = try Currency(hostile) },
            message { _ = try AccountNumber(hostile) },
            message { _ = try AccountNumber(bank: hostile, number: 1) },
        ]
        for message in messages {
            #expect(!message.isEmpty && message.count < 200)
            #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
        }
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }
}
