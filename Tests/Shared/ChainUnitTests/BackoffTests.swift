import Chain
import Testing

@Suite struct BackoffTests {
    @Test func growsToItsBoundAndStartsAgain() {
        let (shortest, longest) = (Duration.milliseconds(20), Duration.milliseconds(500))
        var backoff = Backoff(shortest: shortest, longest: longest)
        let pauses = (0..<20).map { _ in backoff.next() }
        #expect(pauses.allSatisfy { $0 >= shortest / 2 && $0 <= longest })
        #expect(pauses[0] <= shortest)
        #expect(pauses[1] >= shortest)
        #expect(pauses[19] >= longest / 2)
        backoff.reset()
        #expect(backoff.next() <= shortest)
    }
}
