import Ledger
import Testing

@Suite struct TimestampCountingTests {
    @Test(
        arguments: [
            (0, 1, 1_000_000), (-1, 1, 999_999), (5, 0, 5), (5, -1, -999_995),
            (.max, 1, .max), (.max - 1_000_000, 1, .max), (.max - 999_999, 1, .max),
            (0, .max, .max), (.min, 1, .min + 1_000_000),
        ] as [(Int64, Int64, Int64)])
    func `counts seconds as far as it can`(start: Int64, seconds: Int64, end: Int64) {
        let sum = Timestamp(microseconds: start).adding(seconds: seconds)
        #expect(sum == Timestamp(microseconds: end))
    }

    @Test func `orders by time`() {
        #expect(Timestamp(microseconds: .min) < Timestamp(microseconds: -1))
        #expect(Timestamp(microseconds: -1) < Timestamp(microseconds: 0))
    }
}
