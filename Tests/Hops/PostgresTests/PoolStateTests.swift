import Chain
import Testing

@testable import Postgres

/// The pool's decisions, without a server.
struct PoolStateTests {
    private final class Fake: Sendable {}
    private typealias State = PoolState<Fake, Fake>

    private func isWait(_ acquisition: State.Acquisition) -> Bool {
        if case .wait = acquisition { true } else { false }
    }

    private func code(_ acquisition: State.Acquisition) -> PostgresError.Code? {
        if case .fail(let error) = acquisition { error.code } else { nil }
    }

    private func acquire(_ state: inout State, as waiter: Fake = Fake()) -> State.Acquisition {
        state.acquire(waiter: waiter) { _ in true }
    }

    @Test func waitersComeInOrder() {
        var state = State(waiterLimit: 10)
        let waiters = (1...100).map { _ in Fake() }
        for (number, waiter) in waiters.enumerated() {
            let acquisition = acquire(&state, as: waiter)
            #expect(isWait(acquisition) == (number < 10))
            #expect(code(acquisition) == (number < 10 ? nil : .poolExhausted))
        }
        state.abandon(waiters[2])
        state.abandon(waiters[2])
        let connection = Fake()
        let served = (0..<9).compactMap { _ in state.free(connection).waiter }
        let expected = waiters[..<2] + waiters[3..<10]
        #expect(served.map(ObjectIdentifier.init) == expected.map(ObjectIdentifier.init))
        #expect(state.free(connection).waiter == nil)
        #expect(state.idle.count == 1)
        #expect(state.leased.isEmpty)
    }

    @Test func failsFastWhileNothingCanBeReached() {
        var state = State(waiterLimit: 10)
        let waiter = Fake()
        #expect(isWait(acquire(&state, as: waiter)))
        let told = state.failedToConnect(PostgresError(.connectionRefused))
        #expect(told.count == 1 && told.first === waiter)
        #expect(code(acquire(&state)) == .connectionRefused)
        let connection = Fake()
        _ = state.free(connection)
        // One connection is open: another that cannot be opened is no reason to fail anyone.
        #expect(state.failedToConnect(PostgresError(.connectionRefused)).isEmpty)
        guard case .lease = acquire(&state) else {
            Issue.record("the idle connection is not lent")
            return
        }
        #expect(isWait(acquire(&state)))
        state.removed(connection)
        #expect(state.openCount == 0)
    }

    @Test func endedConnectionsAreNotLent() {
        var state = State(waiterLimit: 10)
        _ = state.free(Fake())
        #expect(isWait(state.acquire(waiter: Fake()) { _ in false }))
        #expect(state.openCount == 0)
    }

    @Test func whoWaitsNoMoreLeavesItsPlace() {
        var state = State(waiterLimit: 2)
        let waiters = [Fake(), Fake()]
        for waiter in waiters { #expect(isWait(acquire(&state, as: waiter))) }
        #expect(code(acquire(&state)) == .poolExhausted)
        state.abandon(waiters[0])
        #expect(isWait(acquire(&state)))
    }

    @Test func drainingClosesWhatComesBack() {
        var state = State(waiterLimit: 10)
        let (first, second) = (Fake(), Fake())
        _ = state.free(first)
        guard case .lease = acquire(&state) else { return }
        _ = state.free(second)
        #expect(state.close(withLeased: false).connections.count == 1)
        #expect(state.free(first).closes)
        #expect(code(acquire(&state)) == .poolClosed)
    }

    @Test func whatEndsAtOnceIsNoSuccess() {
        var backoff = Backoff()
        let waits = (0..<40).map { _ in backoff.next() }
        #expect((.milliseconds(25)...(.milliseconds(50))).contains(waits[0]))
        let longest = Duration.milliseconds(500)...(.seconds(1))
        #expect(longest.contains(waits[39]))
        #expect(longest.contains(backoff.next(afterLiving: .milliseconds(999))))
        #expect(backoff.next(afterLiving: .seconds(1)) == .zero)
        #expect((.milliseconds(25)...(.milliseconds(50))).contains(backoff.next()))
    }
}
