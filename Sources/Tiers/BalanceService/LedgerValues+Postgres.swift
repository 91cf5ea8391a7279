import Ledger
import Postgres

extension PostgresUUID {
    init(_ id: Identifier) {
        self.init(high: id.high, low: id.low)
    }
}

extension Identifier {
    init(_ uuid: PostgresUUID) {
        self.init(high: uuid.high, low: uuid.low)
    }
}

extension PostgresTimestamp {
    /// Microseconds from 1970-01-01 to 2000-01-01.
    fileprivate static let epochOffset: Int64 = 946_684_800_000_000
    /// What a timestamptz holds: 4713 BC until 294276 AD (PostgreSQL manual, "Date/Time Types").
    private static let finite: Range<Int64> = -211_813_488_000_000_000..<9_223_371_331_200_000_000

    /// One that no timestamptz holds becomes an infinity, which compares as it does.
    init(_ time: Timestamp) {
        let (value, overflow) = time.microseconds.subtractingReportingOverflow(Self.epochOffset)
        if overflow || value < Self.finite.lowerBound {
            self = .negativeInfinity
        } else if value >= Self.finite.upperBound {
            self = .infinity
        } else {
            self.init(microsecondsSince2000: value)
        }
    }
}

extension Timestamp {
    /// PostgreSQL's infinities are saturated.
    init(_ time: PostgresTimestamp) {
        let (value, overflow) = time.microsecondsSince2000
            .addingReportingOverflow(PostgresTimestamp.epochOffset)
        self.init(microseconds: overflow ? .max : value)
    }
}
