import Foundation
import TestSupport
import Testing

/// How long `scripts/soak` asks for; nil: as short as all tests are.
private let soakMinutes = ProcessInfo.processInfo.environment["TELLER_SOAK_MINUTES"]
    .flatMap { Int($0) }

extension ChainTests {
    @Suite(.timeLimit(.minutes((soakMinutes ?? 0) + 5)))
    struct BankTests {
        @Test func moneyStaysRightWhateverFails() async throws {
            let random = SeededGenerator(for: "the bank test")
            try await FaultyChain.with { chain async throws in
                var settings = BankTest.Settings()
                settings.commands = 2
                if soakMinutes != nil {
                    settings.time = .seconds(60)
                    settings.pauses = 500...5000
                    settings.outages = 500...5000
                }
                var test = try BankTest(chain, folder: chain.folder, settings, random)
                try await test.open()
                let end = ContinuousClock.now + .seconds(60 * (soakMinutes ?? 0))
                repeat {
                    try await test.round()
                    if soakMinutes != nil { report("\(test.tally)") }
                } while ContinuousClock.now < end && test.violations.all.isEmpty
                report("the bank test: \(test.tally)")
                let violations = test.violations.all
                #expect(violations.isEmpty, "\(violations.map(\.description).prefix(20))")
                #expect(test.tally.done > 100 && test.tally.reads > 10)
                #expect(test.tally.faults.count > 4)
            }
        }
    }
}
