import Ledger
import TestSupport
import Testing

@Suite struct AccountNumberTests {
    @Test func `prints in both forms`() throws {
        let account = try AccountNumber(bank: "DEMO", number: 17)
        #expect(account.compact == "XB45DEMO0000000017")
        #expect(account.grouped == "XB45 DEMO 0000 0000 17")
        #expect("\(account)" == account.compact)
        #expect(account.bank == "DEMO")
    }

    @Test(arguments: [
        "XB45DEMO0000000017", "xb45demo0000000017", "XB45 DEMO 0000 0000 17",
        "  Xb4 5DeMo 000000 0017 ",
    ])
    func `is accepted in either case and with any spaces`(text: String) throws {
        #expect(try AccountNumber(text) == AccountNumber(bank: "DEMO", number: 17))
        #expect(try AccountNumber(text[...]) == AccountNumber(bank: "DEMO", number: 17))
    }

    @Test func `comes back as it was`() throws {
        var generator = SeededGenerator()
        for _ in 0..<10_000 {
            let (bank, number) = try generator.accountNumber()
            let account = try AccountNumber(bank: bank, number: number)
            #expect(account.bank == bank && account.number == number)
            #expect(try AccountNumber(account.compact) == account)
            #expect(try AccountNumber(account.grouped.lowercased()) == account)
        }
    }

    @Test func `the ends of the range`() throws {
        for number in [0, 9_999_999_999] as [Int64] {
            let account = try AccountNumber(bank: "ZZZZ", number: number)
            #expect(try AccountNumber(account.compact).number == number)
        }
        for number in [-1, 10_000_000_000, .min, .max] as [Int64] {
            #expect(throws: AccountNumberError.numberOutOfRange(number)) {
                try AccountNumber(bank: "DEMO", number: number)
            }
        }
    }

    @Test(arguments: ["", "DEM", "DEMOS", "demo", "DEM0", "DÉMO", "DE O"])
    func `a bank is four capital letters`(bank: String) {
        #expect(throws: AccountNumberError.badBank("'\(bank == "DÉMO" ? "D\\u{00C9}MO" : bank)'")) {
            try AccountNumber(bank: bank, number: 1)
        }
    }

    @Test func `every mistyped character is caught`() throws {
        var generator = SeededGenerator()
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        for _ in 0..<200 {
            let (bank, number) = try generator.accountNumber()
            let right = try AccountNumber(bank: bank, number: number).compact
            for index in right.indices {
                for character in alphabet where character != right[index] {
                    var wrong = right
                    wrong.replaceSubrange(index...index, with: String(character))
                    #expect(throws: AccountNumberError.self, "\(right) as \(wrong)") {
                        try AccountNumber(wrong)
                    }
                }
            }
        }
    }

    @Test func `every transposition of neighbours is caught`() throws {
        var generator = SeededGenerator()
        for _ in 0..<5_000 {
            let (bank, number) = try generator.accountNumber()
            let right = Array(try AccountNumber(bank: bank, number: number).compact)
            for index in 1..<right.count where right[index - 1] != right[index] {
                var wrong = right
                wrong.swapAt(index - 1, index)
                #expect(throws: AccountNumberError.self, "\(String(wrong))") {
                    try AccountNumber(String(wrong))
                }
            }
        }
    }

    @Test func `check digits that are only alike modulo 97 are caught`() throws {
        // 15 of DEMO has 02; 99 leaves the same remainder.
        #expect(try AccountNumber(bank: "DEMO", number: 15).compact == "XB02DEMO0000000015")
        #expect(throws: AccountNumberError.wrongCheckDigits) {
            try AccountNumber("XB99DEMO0000000015")
        }
    }

    @Test(
        arguments: [
            ("", .wrongLength(0)),
            ("XB45 DEMO 0000 0000 1", .wrongLength(17)),
            ("XB45 DEMO 0000 0000 171", .wrongLength(19)),
            ("XB45 DEMO 0000 0000 17 é!", .wrongLength(20)),
            ("GB45 DEMO 0000 0000 17", .wrongCountry("'GB'")),
            ("XB54 DEMO 0000 0000 17", .wrongCheckDigits),
            ("XB45 DEMO 0000 OO00 17", .badCharacter("'O'", position: 16, expected: .digit)),
            ("XB45 DEM0 0000 0000 17", .badCharacter("'0'", position: 9, expected: .letter)),
            ("é", .badCharacter("'\\u{00E9}'", position: 1, expected: .letter)),
            ("XB4\u{1b}[2J", .badCharacter("'\\u{1B}'", position: 4, expected: .digit)),
            ("XB٤٥", .badCharacter("'\\u{0664}'", position: 3, expected: .digit)),
            ("XB45\tDEMO", .badCharacter("'\\t'", position: 5, expected: .letter)),
        ] as [(String, AccountNumberError)])
    func `says what is wrong`(text: String, error: AccountNumberError) {
        #expect(throws: error) { try AccountNumber(text) }
    }

    @Test func `orders by bank, then by number`() throws {
        let ordered = try [("ABCD", 9), ("DEMO", 2), ("DEMO", 10), ("ZABC", 1)].map {
            try AccountNumber(bank: $0.0, number: $0.1)
        }
        #expect(ordered.reversed().sorted() == ordered)
        #expect(Set(ordered + ordered).count == 4)
    }
}
