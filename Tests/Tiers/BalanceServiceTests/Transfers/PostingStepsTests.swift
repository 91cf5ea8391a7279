import Foundation
import TestSupport
import Testing

@testable import BalanceService

/// How a batch gets its results, by seeds: with a failure, a loss or a crash at each of its steps.
@Suite struct PostingStepsTests {
    /// Ten seconds of them, or as many minutes as a soak has; `TELLER_SEED` runs one.
    @Test func whatCallersAreToldIsSo() {
        let minutes = ProcessInfo.processInfo.environment["TELLER_SOAK_MINUTES"].flatMap(Int.init)
        let end = ContinuousClock.now + .seconds(minutes.map { $0 * 60 } ?? 10)
        let given = SeededGenerator.seeds(1)
        var seeds = SeededGenerator(seed: given[0])
        var seed = given[0]
        var count = 0
        repeat {
            var world = PostingWorld(seed: seed)
            do throws(PostingWorld.Violation) {
                try world.run()
            } catch {
                Issue.record("replay with TELLER_SEED=\(seed): \(error.what)")
                return
            }
            count += 1
            seed = seeds.next()
        } while ContinuousClock.now < end && !SeededGenerator.isGiven
        print("\(count) seeds of posting")
    }
}
