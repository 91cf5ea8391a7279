import Ledger
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_795_353_722_731_005, "2026-11-22T13:22:02.731005Z"),
        ] as [(Int64, String)])
    func writesAndReads(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).description == text)
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test func readsOffsetsAndFractions() {
        let expected = Timestamp("2026-01-31T09:30:00.500000Z")
        #expect(Timestamp("2026-01-31 10:30:00.5+01:00") == expected)
        #expect(Timestamp("2026-01-31t04:00:00.500000999-05:30") == expected)
        // Past microseconds they are dropped, not rounded.
        #expect(Timestamp("2026-01-31T09:30:00.5000009999Z") == expected)
        #expect(
            Timestamp("2026-01-31T09:30:00.5" + String(repeating: "0", count: 100) + "Z")
                == expected)
    }

    /// RFC 3339, section 5.7: at the end of a month, by UTC.
    @Test(
        arguments: [
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
            ("1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.000000Z"),
            ("2015-07-01T05:29:60.25+05:30", "2015-07-01T00:00:00.250000Z"),
            ("2016-12-31T23:59:60+01:00", nil), ("2016-12-31T12:00:60Z", nil),
            ("2016-12-30T23:59:60Z", nil), ("2016-12-31T23:59:61Z", nil),
        ] as [(String, String?)])
    func readsALeapSecondAsTheNext(text: String, instant: String?) {
        #expect(Timestamp(text)?.description == instant)
    }

    @Test(arguments: [
        "", "2026-01-31", "2026-01-31T09:30:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-01-31T24:00:00Z", "2026-01-31T09:30:60Z", "2026-01-31T09:30:00.Z",
        "2026-01-31T09:30:00+1:00", "2026-01-31T09:30:00Z ", "٢٠٢٦-01-31T09:30:00Z",
    ])
    func refuses(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func daysComeBack() {
        for days in stride(from: Int64(-719_000), through: 2_900_000, by: 997) {
            let text = Timestamp(microseconds: days * 86_400_000_000).description
            #expect(Timestamp(text)?.microseconds == days * 86_400_000_000, "\(text)")
        }
    }
}
