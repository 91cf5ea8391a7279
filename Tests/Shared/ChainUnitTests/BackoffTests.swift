import Chain
import Testing

@Suite struct BackoffTests {
    @Test(arguments: [0, 0.5, 1])
    func growsToItsBoundAndStartsAgain(chance: Double) {
        var backoff = Backoff(shortest: .milliseconds(20), longest: .milliseconds(500))
        let pauses = (0..<20).map { _ in backoff.next(chance: chance) }
        let ceilings = [20, 40, 80, 160, 320] + [Int](repeating: 500, count: 15)
        #expect(pauses == ceilings.map { .milliseconds($0) * (0.5 + chance / 2) })
        backoff.reset()
        #expect(backoff.next(chance: 1) == .milliseconds(20))
    }

    @Test func spreadsByChance() {
        var backoff = Backoff(shortest: .seconds(1), longest: .seconds(1))
        let pauses = (0..<20).map { _ in backoff.next() }
        #expect(pauses.allSatisfy { $0 >= .milliseconds(500) && $0 <= .seconds(1) })
        #expect(Set(pauses).count > 1)
    }
}
