import BalanceAPI
import Chain
import GRPCCore
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct ConcurrencyTests {
        typealias Query = RunningService.Query

        /// More streams at once than HTTP/2 servers allow by default, on one connection.
        @Test(.bankService) func answers256StreamsOfOneConnection() async throws {
            let expected = try await service.balances(17)
            let answers = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for _ in 0..<256 {
                    group.addTask {
                        var last: [Int64] = []
                        for _ in 0..<4 { last = try await service.balances(17) }
                        return last
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count == 256)
            #expect(answers.allSatisfy { $0 == expected })
        }

        /// Calls that come while the database works are read by one statement.
        @Test(.bankService) func callsShareStatements() async throws {
            let query = try Query.with { $0.account = try account(17) }
            // Whose session it is is known then: to look that up takes each its turn.
            _ = try await service.ask([query])
            let batchSizes = try await withThrowingTaskGroup(of: Int.self) { group in
                try await whileTablesAreLocked(in: service.database) { () async throws in
                    for _ in 0..<64 {
                        group.addTask {
                            let timing = try await service.ask(
                                [query], metadata: .trace(sampled: true)
                            ).timing
                            return try #require(Self.batchSize(timing))
                        }
                    }
                    try await waitForBlocked(1..., in: service.database)
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            // Each call's share of its statement; together the number of statements.
            let statements = batchSizes.reduce(0) { $0 + 1 / Double($1) }
            #expect(batchSizes.count == 64)
            #expect(statements < 32)
        }

        private static func batchSize(_ timing: ServerTiming?) -> Int? {
            timing?.metrics.first?.detail.split(separator: " ").compactMap { Int($0) }.last
        }

        /// A connection that an operator ends costs no caller its answer.
        @Test(.bankService) func readsOutliveTheirConnections() async throws {
            let expected = try await service.balances(17)
            let stop = Flag()
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var count = 0
                        while !stop.isRaised {
                            let balances = try await service.balances(17)
                            #expect(balances == expected)
                            count += 1
                        }
                        return count
                    }
                }
                defer { stop.raise() }
                for _ in 0..<20 { try await Self.terminateOne(service.database) }
                stop.raise()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.allSatisfy { $0 > 0 })
        }

        /// Nor do as many as there are, one after another while the same read waits.
        @Test(.bankService(connections: 3)) func aReadOutlivesAllItsConnections() async throws {
            let expected = try await service.balances(17)
            try await withThrowingTaskGroup(of: [Int64].self) { group in
                try await whileTablesAreLocked(in: service.database) { () async throws in
                    group.addTask { try await service.balances(17) }
                    for _ in 0..<3 {
                        try await waitForBlocked(1..., in: service.database)
                        try await TestPostgres.psql(
                            service.database,
                            """
                            SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                            WHERE datname = current_database() AND wait_event_type = 'Lock'
                                AND application_name = 'balance-service'
                            """)
                    }
                }
                #expect(try await group.next() == expected)
            }
        }

        private static func terminateOne(_ database: String) async throws {
            try await TestPostgres.psql(
                database,
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'balance-service'
                ORDER BY state_change DESC LIMIT 1
                """)
        }
    }
}
