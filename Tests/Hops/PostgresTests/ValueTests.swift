import Postgres
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ValueTests {
    /// Sends values as parameters of their type and reads them back, alone, as NULL and as an array.
    private func roundTrip<Value: PostgresArrayElement & PostgresDecodable & Equatable>(
        _ values: [Value]
    ) async throws {
        try await withConnection { connection in
            for value in values {
                let rows = try await connection.query("SELECT \(value), \(Value?.none), \([value])")
                let row = try rows[0].decode((Value, Value?, [Value]).self)
                #expect(row.0 == value)
                #expect(row.1 == nil)
                #expect(row.2 == [value])
            }
            let optionals = values.map(Optional.some) + [nil]
            let rows = try await connection.query(
                "SELECT \(values), \(optionals), \([Value]()), \([Value]?.none)")
            let row = try rows[0].decode(([Value], [Value?], [Value], [Value]?).self)
            #expect(row.0 == values)
            #expect(row.1 == optionals)
            #expect(row.2.isEmpty)
            #expect(row.3 == nil)
        }
    }

    @Test func int8() async throws { try await roundTrip([Int64.min, -1, 0, 1, .max]) }
    @Test func int4() async throws { try await roundTrip([Int32.min, -1, 0, 1, .max]) }
    @Test func int() async throws { try await roundTrip([Int.min, -1, 0, 1, .max]) }
    @Test func bool() async throws { try await roundTrip([true, false]) }

    @Test func text() async throws {
        let long = String(repeating: "añ日🏦", count: 50_000)
        try await roundTrip(["", " ", "NULL", "{\"a\",b}", "'; DROP TABLE x; --", "\\", long])
    }

    @Test func uuid() async throws {
        let uuid = try #require(PostgresUUID("0190f5c2-7b3e-7000-8000-00000000000F"))
        #expect(uuid.description == "0190f5c2-7b3e-7000-8000-00000000000f")
        #expect(PostgresUUID(bytes: uuid.bytes) == uuid)
        #expect(PostgresUUID("0190f5c2-7b3e-7000-8000-0000000000") == nil)
        #expect(PostgresUUID("+190f5c2-7b3e-7000-8000-00000000000f") == nil)
        try await roundTrip([uuid, PostgresUUID(high: .max, low: .max), .init(high: 0, low: 0)])
    }

    @Test func timestamptz() async throws {
        let before1970 = try #require(
            PostgresTimestamp(secondsSinceEpoch: -2, nanoseconds: 999_999_000))
        try await roundTrip([
            .init(microsecondsSince2000: 0), .init(microsecondsSince2000: -1), before1970,
            .infinity, .negativeInfinity,
        ])
    }

    @Test func timestampsConvert() async throws {
        let timestamp = try #require(
            PostgresTimestamp(secondsSinceEpoch: 1_700_000_000, nanoseconds: 123_456_789))
        #expect(timestamp.secondsSinceEpoch == 1_700_000_000)
        #expect(timestamp.nanoseconds == 123_456_000)
        let early = PostgresTimestamp(microsecondsSince2000: -1)
        #expect(early.secondsSinceEpoch == 946_684_799)
        #expect(early.nanoseconds == 999_999_000)
        #expect(PostgresTimestamp(secondsSinceEpoch: .max) == nil)
        #expect(PostgresTimestamp(secondsSinceEpoch: 0, nanoseconds: -1) == nil)
        try await withConnection { connection in
            let rows = try await connection.query(
                "SELECT extract(epoch FROM \(timestamp))::text, '2023-11-14 22:13:20.123456Z'::timestamptz"
            )
            #expect(try rows[0].decode(String.self, at: 0) == "1700000000.123456")
            #expect(try rows[0].decode(PostgresTimestamp.self, at: 1) == timestamp)
        }
    }

    @Test func widensAndReadsNames() async throws {
        try await withConnection { connection in
            let rows = try await connection.query(
                "SELECT 7::int2, 8::int4, 'a'::varchar AS v, 'n'::name, ARRAY[1, NULL]::int4[]")
            let row = try rows[0].decode((Int32, Int64, String, String, [Int64?]).self)
            #expect(row.0 == 7)
            #expect(row.1 == 8)
            #expect(row.4 == [1, nil])
            #expect(try rows[0].decode(String.self, named: "v") == "a")
            #expect(rows.columnNames[2] == "v")
        }
    }

    @Test func saysWhyAColumnCannotBeRead() async throws {
        try await withConnection { connection in
            let rows = try await connection.query(
                "SELECT NULL::int8 AS n, 'x'::text AS t, ARRAY[[1],[2]]::int8[] AS two, 1.5 AS d")
            func reason(_ body: () throws -> Void) -> PostgresDecodingError.Reason? {
                do { try body() } catch { return (error as? PostgresDecodingError)?.reason }
                return nil
            }
            #expect(reason { _ = try rows[0].decode(Int64.self, at: 0) } == .unexpectedNull)
            #expect(
                reason { _ = try rows[0].decode(Int64.self, at: 1) }
                    == .typeMismatch(expected: .int8))
            #expect(reason { _ = try rows[0].decode(Int64.self, at: 9) } == .noSuchColumn)
            #expect(reason { _ = try rows[0].decode(Int64.self, named: "N") } == .noSuchColumn)
            #expect(reason { _ = try rows[0].decode([Int64].self, at: 2) } == .notOneDimensional)
            #expect(reason { _ = try rows[0].decode([Int64].self, at: 1) } != nil)
            #expect(reason { _ = try rows[0].decode([Int64].self, at: 3) } != nil)
        }
    }
}
