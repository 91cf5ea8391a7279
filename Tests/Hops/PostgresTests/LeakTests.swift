import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(10)))
struct LeakTests {
    /// Kilobytes that are resident, as ps(1) tells on Linux and macOS.
    private func residentKilobytes() async throws -> Int {
        let text = try await runCommand(
            ["ps", "-o", "rss=", "-p", "\(ProcessInfo.processInfo.processIdentifier)"])
        return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    @Test func manyQueriesLeaveNothingBehind() async throws {
        let given = ProcessInfo.processInfo.environment["PG_LEAK_QUERIES"]
        let count = given.flatMap { Int($0) } ?? 5000
        try await withPool(size: 4) { pool in
            let ids = (0..<100).map { Int64($0) }
            func query(_ number: Int) async throws {
                let rows = try await pool.query(
                    "SELECT i, repeat('x', 100) FROM generate_series(0::int8, 99) i WHERE i = ANY(\(ids))",
                    deadline: seconds(30))
                #expect(rows.count == 100)
                // Errors and new statements have memory of their own.
                if number % 10 == 0 { _ = try? await pool.query("SELECT 1 / \(Int64(0))") }
            }
            for number in 0..<2000 { try await query(number) }
            let before = try await residentKilobytes()
            for number in 0..<count { try await query(number) }
            let after = try await residentKilobytes()
            print("resident after 2000 queries \(before) kB, after \(count) more \(after) kB")
            // Another test of this process may need some; a result a query would be over 100 MB.
            #expect(after - before < 20_000)
        }
    }
}
