import Chain
import Ledger
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// The checks are checked: they find what is wrong with a poster that is broken, and nothing with
    /// the real one.
    @Suite(.timeLimit(.minutes(2)))
    struct BrokenPosterTests {
        /// What a run of posting looks like from outside: acknowledged transfers, most asked for
        /// twice.
        private func findings(_ posting: PostingMaker?) async throws -> Set<String> {
            try await TestPostgres.withFreshDatabase("broken") { url in
                try await migrate(url)
                try await TestPostgres.psql(url, LedgerSQL.bank(customers: 4, limit: 100_000))
                let acknowledged = try await withService(url, posting: posting) {
                    service async throws in
                    try await withThrowingTaskGroup(of: [Identifier].self) { group in
                        for _ in 0..<16 { group.addTask { try await storm(service) } }
                        return try await group.reduce(into: []) { $0 += $1 }
                    }
                }
                var findings: Set<String> = []
                if try await !brokenInvariants(url).isEmpty { findings.insert("audit") }
                let kept = try await TestPostgres.psql(url, "SELECT id FROM teller.transfers")
                let ids = Set(kept.split(separator: "\n").compactMap { Identifier(String($0)) })
                if !ids.isSuperset(of: acknowledged) {
                    findings.insert("acknowledged and not there")
                }
                if !ids.isSubset(of: acknowledged) { findings.insert("there and never asked for") }
                return findings
            }
        }

        private func storm(_ service: RunningService) async throws -> [Identifier] {
            var ids: [Identifier] = []
            for round in 0..<8 {
                let pair = (Int64(100)...103).shuffled()
                let request = try TransferRequest.transfer(1, from: pair[0], to: pair[1])
                // A poster may be too broken to answer: what it does not acknowledge does not count.
                guard (try? await service.submit(request)) != nil else { continue }
                // Not the last one, which only the first answer speaks for.
                if round < 7 { _ = try? await service.submit(request) }
                ids.append(request.id)
            }
            return ids
        }

        @Test func theRealOnePasses() async throws {
            #expect(try await findings(nil) == [])
        }

        @Test func withoutLocks() async throws {
            #expect(try await findings(BrokenPosters.withoutLocks).contains("audit"))
        }

        @Test func withoutIdempotency() async throws {
            #expect(
                try await findings(BrokenPosters.withoutIdempotency)
                    .contains("there and never asked for"))
        }

        @Test func answeringBeforeCommit() async throws {
            #expect(
                try await findings(BrokenPosters.answeringBeforeCommit)
                    .contains("acknowledged and not there"))
        }
    }
}
