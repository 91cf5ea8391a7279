import TestSupport
import Testing

@testable import Teller

/// What the client does with its journal, by seeds: with a failure, a loss or a crash at each of its steps.
@Suite struct JournalStepsTests {
    /// Five seconds of them, or as many minutes as a soak has; `TELLER_SEED` runs one.
    @Test func nothingIsPaidTwiceAndNothingIsLost() {
        let failure = SeededGenerator.soak("journals", for: .seconds(5)) { seed in
            var world = JournalWorld(seed: seed)
            try world.run()
        }
        #expect(failure == nil)
    }
}
