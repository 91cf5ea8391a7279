import Ledger
import TestSupport
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: [
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "0192f3a4-b5c6-7d8e-9fa0-b1c2d3e4f506",
    ])
    func `reads and prints`(text: String) throws {
        let identifier = try #require(Identifier(text))
        #expect(identifier.description == text)
        #expect(Identifier(text.uppercased()) == identifier)
        #expect(Identifier(bytes: identifier.bytes) == identifier)
    }

    @Test func `has its words and bytes in the order they are written`() throws {
        let identifier = try #require(Identifier("00010203-0405-0607-0809-0a0b0c0d0e0f"))
        #expect(identifier.high == 0x0001_0203_0405_0607)
        #expect(identifier.low == 0x0809_0A0B_0C0D_0E0F)
        #expect(identifier.bytes == Array(0...15))
    }

    @Test(arguments: [
        "", "-", "0192f3a4b5c67d8e9fa0b1c2d3e4f506", "0192f3a4-b5c6-7d8e-9fa0-b1c2d3e4f50",
        "0192f3a4-b5c6-7d8e-9fa0-b1c2d3e4f5067", "0192f3a4-b5c6-7d8e-9fa0-b1c2d3e4f50g",
        "0192f3a4-b5c6-7d8e-9fa0b-1c2d3e4f506", "{0192f3a4-b5c6-7d8e-9fa0-b1c2d3e4f506}",
        " 0192f3a4-b5c6-7d8e-9fa0-b1c2d3e4f506", "0192f3a4-b5c6-7d8e-9fa0-b1c2d3e4f506 ",
        "0192f3a4-b5c6-7d8e-9fa0-b1c2d3e4f506-", "0192f3a4 b5c6 7d8e 9fa0 b1c2d3e4f506",
        "0192f3a４-b5c6-7d8e-9fa0-b1c2d3e4f506", "0192f3a4-b5c6-7d8e-9fa0-b1c2d3e4f50\0",
        "--------0000-0000-0000-000000000000",
    ])
    func `refuses other texts`(text: String) {
        #expect(Identifier(text) == nil)
    }

    @Test(arguments: [0, 15, 17])
    func `refuses other lengths`(count: Int) {
        #expect(Identifier(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test func `only zeros and only ones are reserved`() {
        let words: [UInt64] = [.min, 1, .max - 1, .max]
        let reserved = words.flatMap { high in words.map { Identifier(high: high, low: $0) } }
            .filter(\.isReserved)
        #expect(
            reserved.map(\.description) == [
                "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ])
    }

    @Test func `round trips`() {
        var generator = SeededGenerator()
        for _ in 0..<1000 {
            let identifier = Identifier(high: generator.next(), low: generator.next())
            #expect(Identifier(identifier.description) == identifier)
            #expect(Identifier(bytes: identifier.bytes) == identifier)
        }
    }

    @Test func `of version 7 have its bits and sort by time, as texts too`() {
        var generator = SeededGenerator()
        var before = Identifier(high: 0, low: 0)
        for milliseconds in (1...1000).map({ UInt64($0) << 37 | 5 }) {
            let identifier = Identifier.version7(milliseconds: milliseconds, using: &generator)
            #expect(identifier.high >> 12 & 0xF == 7)
            #expect(identifier.low >> 62 == 0b10)
            #expect(identifier.high >> 16 == milliseconds)
            #expect(before < identifier && before.description < identifier.description)
            before = identifier
        }
    }

    @Test func `of version 7 differ in one millisecond and in all their random bits`() {
        var generator = SeededGenerator()
        let some = (0..<1000).map { _ in
            Identifier.version7(milliseconds: 1, using: &generator)
        }
        #expect(Set(some).count == 1000)
        let (first, rest) = (some[0], some.dropFirst())
        let high = rest.reduce(0) { $0 | ($1.high ^ first.high) }
        let low = rest.reduce(0) { $0 | ($1.low ^ first.low) }
        #expect(high == 0xFFF && low == 1 << 62 - 1)
    }
}
