import Foundation
import TestSupport
import Testing

@testable import BalanceService

extension ChainTests {
    /// The checker is checked: what a broken poster does is found, and a right one is not blamed. Which of
    /// its checks is first to find it depends on what was under way: an answer before its commit shows as a
    /// lost transfer, a lost refusal, or an id that could be used again.
    @Suite(.timeLimit(.minutes(5)))
    struct CheckerTests {
        private typealias Check = Violation.Check

        /// Runs rounds of the bank test until something is found.
        private func found(
            _ name: String, rounds: Int, _ makePosting: InProcessBank.MakePosting?
        ) async throws -> Set<Check> {
            let random = SeededGenerator(for: name)
            let start = ContinuousClock.now
            return try await InProcessBank.with(makePosting) { bank, folder async throws in
                var settings = BankTest.Settings()
                settings.time = .seconds(4)
                settings.pauses = 100...400
                settings.outages = 50...300
                settings.endsEarly = true
                var test = try BankTest(bank, folder: folder, settings, random)
                try await test.open()
                for _ in 0..<rounds where test.violations.all.isEmpty { try await test.round() }
                report("\(name): \(start.duration(to: .now)), \(test.tally)")
                for violation in test.violations.all.prefix(3) {
                    report("\(name): \("\(violation)".prefix(300))")
                }
                let checks = Set(test.violations.all.map(\.check))
                report("\(name): found by \(checks.map(\.rawValue).sorted())")
                return checks
            }
        }

        @Test func aRightPosterIsNotBlamed() async throws {
            #expect(try await found("a right poster", rounds: 1, nil) == [])
        }

        @Test func withoutLock() async throws {
            let checks = try await found("without lock", rounds: 5) {
                PostingWithoutLock(pool: $0, ledger: $1)
            }
            #expect(!checks.isEmpty)
        }

        @Test func withoutIdempotency() async throws {
            let checks = try await found("without idempotency", rounds: 5) {
                PostingWithoutIdempotency(PostingStore(pool: $0, ledger: $1))
            }
            #expect(!checks.isEmpty)
        }

        @Test func answeredBeforeCommit() async throws {
            let checks = try await found("answered before commit", rounds: 8) {
                PostingAnsweredBeforeCommit(pool: $0, ledger: $1)
            }
            // A refusal that was told and not kept is a lost answer as well, and leaves its id to others.
            let signs: Set<Check> = [
                .acknowledged, .refused, .balances, .readYourWrites, .otherContent,
            ]
            #expect(!checks.isDisjoint(with: signs))
        }
    }
}
