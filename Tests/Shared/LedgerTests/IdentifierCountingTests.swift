import Testing

@testable import Ledger

/// Ids that follow on one another.
@Suite struct IdentifierCountingTests {
    @Test func countsUpInTheLastBits() throws {
        let base = try #require(Identifier("0197f3c2-5b1e-7c40-9d2a-ffffffffffff"))
        #expect(base.advanced(by: 0) == base)
        #expect(base.advanced(by: 1)?.description == "0197f3c2-5b1e-7c40-9d2b-000000000000")
        let third = base.advanced(by: 1)?.advanced(by: 2)
        #expect(third == base.advanced(by: 3))
    }

    @Test func neverLeavesTheVariant() throws {
        let last = try #require(Identifier("0197f3c2-5b1e-7c40-bfff-fffffffffffe"))
        #expect(last.advanced(by: 1)?.description == "0197f3c2-5b1e-7c40-bfff-ffffffffffff")
        #expect(last.advanced(by: 2) == nil)
        #expect(last.advanced(by: .max) == nil)
    }

    @Test func oneToCountFromHasRoom() {
        var generator = Ones()
        let base = Identifier.version7ToCountFrom(milliseconds: 0x0197_f3c2_5b1e, using: &generator)
        #expect(base.description == "0197f3c2-5b1e-7fff-9fff-ffffffffffff")
        #expect(base.advanced(by: 1 << 61)?.description == "0197f3c2-5b1e-7fff-bfff-ffffffffffff")
    }

    private struct Ones: RandomNumberGenerator {
        mutating func next() -> UInt64 { .max }
    }
}
