import Ledger
import Postgres
import TestSupport
import Testing

@testable import BalanceService

/// The ledger's values as PostgreSQL's.
@Suite(.timeLimit(.minutes(1)))
struct LedgerValueTests {
    /// Sends values as parameters and reads them back: alone, as NULL, and in arrays.
    private func roundTrip<Value: PostgresArrayElement & PostgresDecodable & Equatable>(
        _ values: [Value], _ connection: PostgresConnection
    ) async throws {
        let optionals = values.map(Optional.some) + [nil]
        for value in values {
            let rows = try await connection.query(
                "SELECT \(value), \(Value?.none), \(values), \(optionals)")
            let row = try rows[0].decode((Value, Value?, [Value], [Value?]).self)
            #expect(row.0 == value)
            #expect(row.1 == nil)
            #expect(row.2 == values)
            #expect(row.3 == optionals)
        }
    }

    @Test func anIdentifierIsAUUID() async throws {
        try await withConnection(try await TestPostgres.url) { connection in
            let id = Identifier(high: 0x0190_f5c2_7b3e_7000, low: 0x8000_0000_0000_000f)
            let ids = [id, Identifier(high: .max, low: .max), Identifier(high: 0, low: 0)]
            try await roundTrip(ids, connection)
            let rows = try await connection.query("SELECT \(id)::text")
            let text = try rows[0].decode(String.self, at: 0)
            #expect(text == "0190f5c2-7b3e-7000-8000-00000000000f")
            #expect(throws: PostgresDecodingError.self) {
                try rows[0].decode(Identifier.self, at: 0)
            }
        }
    }

    @Test func aTimestampIsATimestamptz() async throws {
        try await withConnection(try await TestPostgres.url) { connection in
            let time = Timestamp(microseconds: 1_700_000_000_123_456)
            let epoch = Timestamp(microseconds: 946_684_800_000_000)
            let beforeEpoch = Timestamp(microseconds: 946_684_799_999_999)
            let (first, last) = (Timestamp(microseconds: .min), Timestamp(microseconds: .max))
            try await roundTrip([epoch, beforeEpoch, time, first, last], connection)
            let rows = try await connection.query(
                """
                SELECT extract(epoch FROM \(time))::text, '2023-11-14 22:13:20.123456Z'::timestamptz,
                    \(first)::text, 'infinity'::timestamptz
                """)
            let row = try rows[0].decode((String, Timestamp, String, Timestamp).self)
            #expect(row.0 == "1700000000.123456")
            #expect(row.1 == time)
            #expect(row.2 == "-infinity")
            #expect(row.3 == last)
        }
    }
}
