import Chain
import Testing

@testable import BalanceClient

@Suite struct RetryBudgetTests {
    @Test func allowsRetriesOnlyWhileMostCallsSucceed() {
        let budget = RetryBudget(capacity: 10, gain: 0.5)
        #expect((0..<5).map { _ in budget.recordFailure() } == [true, true, true, true, false])
        for _ in 0..<4 { budget.recordSuccess() }
        #expect(budget.recordFailure())
    }
}

@Suite struct ResetBudgetTests {
    @Test func staysFarFromWhatEndsAConnection() {
        let budget = ResetBudget()
        let start = ContinuousClock.now
        #expect((0..<300).count { _ in budget.take(at: start) } == 100)
        #expect(budget.take(at: start + .seconds(31)))
    }
}

@Suite struct CallsInFlightTests {
    @Test func oneThatHasNotEndedInTimeIsOverdue() {
        let calls = CallsInFlight()
        #expect(calls.begin(0, deadline: .after(.seconds(60))))
        #expect(!calls.isOverdue)
        #expect(calls.begin(1, deadline: Deadline(.now - CallsInFlight.grace)))
        #expect(calls.isOverdue)
        calls.end(1)
        #expect(!calls.isOverdue)
        calls.noteOverdue()
        #expect(calls.isOverdue)
    }

    /// As long as the service may take to learn what became of a COMMIT.
    @Test func aWriteMayTakeLonger() {
        #expect(CallsInFlight.grace > .seconds(6))
    }

    @Test func aServiceIsOutWhenNothingComesFromItForManyLooks() {
        let calls = CallsInFlight()
        var looks = HealthLooks()
        calls.noteAnswer()
        let found = (0..<BalanceServiceSession.missedLooks).map { _ in looks.look(at: calls) }
        #expect(found.allSatisfy { $0 == nil })
        calls.noteAnswer()
        #expect(looks.look(at: calls) == nil)
        for _ in 1..<BalanceServiceSession.missedLooks { #expect(looks.look(at: calls) == nil) }
        #expect(looks.look(at: calls) != nil)
    }
}
