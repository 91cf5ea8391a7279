import TestSupport
import Testing

@testable import BalanceService

/// How a batch gets its results, by seeds: with a failure, a loss or a crash at each of its steps.
@Suite struct PostingStepsTests {
    /// Ten seconds of them, or as many minutes as a soak has; `TELLER_SEED` runs one.
    @Test func whatCallersAreToldIsSo() {
        let failure = SeededGenerator.soak("posting", for: .seconds(10)) { seed in
            var world = PostingWorld(seed: seed)
            try world.run()
        }
        #expect(failure == nil)
    }
}
