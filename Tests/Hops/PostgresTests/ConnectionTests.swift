import TestSupport
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(5)))
struct ConnectionTests {
    @Test func selectsByBoundIDs() async throws {
        try await withConnection { connection in
            let ids: [Int64] = [1, 3, 5]
            let rows = try await connection.query(
                "SELECT i, 'n' || i FROM generate_series(1::int8, 9) i WHERE i = ANY(\(ids)) ORDER BY 1"
            )
            #expect(try rows.map { try $0.decode(Int64.self, at: 0) } == ids)
            let (id, name) = try rows[1].decode((Int64, String?).self)
            #expect(id == 3)
            #expect(name == "n3")
        }
    }

    @Test func poolLendsConnections() async throws {
        try await withPool(size: 2) { pool in
            try await withThrowingTaskGroup(of: Int64.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let rows = try await pool.query("SELECT \(Int64(number))")
                        return try rows[0].decode(at: 0)
                    }
                }
                var sum: Int64 = 0
                for try await number in group { sum += number }
                #expect(sum == 4950)
            }
            #expect(try await eventually { pool.openConnections == 2 })
        }
    }
}
