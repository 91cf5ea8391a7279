import Chain
import Foundation
import TestSupport
import Testing

extension ChainTests {
    /// What a person sees, through all four tiers.
    @Suite(.timeLimit(.minutes(3)))
    struct BalanceTests {
        private struct Balance: Decodable {
            var account: String
            var balance: String
            var currency: String
            var name: String
        }

        @Test func equalsWhatPsqlReads() async throws {
            try await ChainHarness.with { chain async throws in
                for (id, exponent) in [(17, 2), (21, 2), (42, 0)] as [(Int64, Int)] {
                    let answer = try await chain.teller(
                        "balance", try account(id), "--output", "json")
                    #expect(answer.status == 0, "\(answer.output)")
                    let data = Data(answer.output.utf8)
                    let balances = (try? JSONDecoder().decode([Balance].self, from: data))
                    let found =
                        try balances?.first ?? JSONDecoder().decode(Balance.self, from: data)
                    let row = try await TestPostgres.psql(
                        chain.database,
                        """
                        SELECT (balance / 10::numeric ^ \(exponent))::numeric(20, \(exponent))
                            || ' ' || currency || ' ' || name
                        FROM teller.accounts WHERE id = \(id)
                        """)
                    #expect("\(found.balance) \(found.currency) \(found.name)" == row)
                    #expect(found.account == (try account(id)))
                }
            }
        }

        @Test func explainShowsTheWholeChain() async throws {
            try await ChainHarness.with { chain async throws in
                let answer = try await chain.teller("balance", try account(17), "--explain")
                #expect(answer.status == 0)
                for tier in ["teller", "bank-server", "balance-service", "PostgreSQL"] {
                    #expect(answer.output.contains(tier), "\(answer.output)")
                }
                #expect(answer.output.contains("SELECT"))
                #expect(!answer.output.contains("\u{1B}["))
            }
        }

        /// One trace through all of the logs.
        @Test func theTraceIsOne() async throws {
            try await ChainHarness.with { chain async throws in
                _ = try await chain.teller("balance", try account(17), "--explain")
                try await eventually {
                    let traces = Self.traces(chain.bank.process.output, of: "msg=request")
                        .filter { $0.line.contains("/balance") }
                    let read = Self.traces(chain.services[0].process.output, of: "balance read")
                    return read.count == 1 && traces.contains { $0.trace == read[0].trace }
                }
            }
        }

        private static func traces(_ log: String, of event: String) -> [(
            trace: String, line: String
        )] {
            log.split(separator: "\n").compactMap { line in
                guard line.contains(event), let match = line.firstMatch(of: /trace=([0-9a-f]{32})/)
                else { return nil }
                return (String(match.1), String(line))
            }
        }

        @Test func timingsNest() async throws {
            try await ChainHarness.with { chain async throws in
                let trace = TraceContext.random(isSampled: true)
                let sampled = try await chain.get(
                    ChainHarness.balancePath, headers: ["traceparent": "\(trace)"])
                let metrics = ServerTiming(parsing: sampled["server-timing"] ?? "").metrics
                #expect(metrics.map(\.name) == ["bank-server", "balance-service", "postgresql"])
                #expect(metrics.map(\.duration) == metrics.map(\.duration).sorted(by: >))
                #expect(sampled["traceresponse"]?.contains(trace.traceIDText) == true)
                let plain = try await chain.get(ChainHarness.balancePath)
                #expect(plain["server-timing"] == nil)
            }
        }
    }
}
