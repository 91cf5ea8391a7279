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

    @Test func widens() async throws {
        try await withConnection { connection in
            let rows = try await connection.query(
                "SELECT 7::int2, 8::int4, 'a'::varchar, 'n'::name, ARRAY[1, NULL]::int4[]")
            let row = try rows[0].decode((Int32, Int64, String, String, [Int64?]).self)
            #expect(row.0 == 7)
            #expect(row.1 == 8)
            #expect(row.2 == "a")
            #expect(row.3 == "n")
            #expect(row.4 == [1, nil])
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
            #expect(reason { _ = try rows[0].decode([Int64].self, at: 2) } == .notOneDimensional)
            #expect(reason { _ = try rows[0].decode([Int64].self, at: 1) } != nil)
            #expect(reason { _ = try rows[0].decode([Int64].self, at: 3) } != nil)
        }
    }
}
