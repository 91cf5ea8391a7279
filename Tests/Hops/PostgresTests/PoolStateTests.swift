import Testing

@testable import Postgres

/// The pool's decisions, without a server.
struct PoolStateTests {
    private final class Fake: Sendable {}

    private func state(waiterLimit: Int = 10) -> PoolState<Fake, Int> {
        PoolState(waiterLimit: waiterLimit)
    }

    private func isWait(_ acquisition: PoolState<Fake, Int>.Acquisition) -> Bool {
        if case .wait = acquisition { true } else { false }
    }

    private func code(_ acquisition: PoolState<Fake, Int>.Acquisition) -> PostgresError.Code? {
        if case .fail(let error) = acquisition { error.code } else { nil }
    }

    @Test func waitersComeInOrder() {
        var state = state()
        for number in 1...100 {
            #expect(isWait(state.acquire { _ in true }) == (number <= 10))
            guard number <= 10 else { continue }
            state.enqueue(number, id: state.makeWaiterID(), deadline: .now)
        }
        #expect(state.abandon(waiter: 3) == 3)
        #expect(state.abandon(waiter: 3) == nil)
        let connection = Fake()
        let served = (0..<9).compactMap { _ in state.free(connection).waiter }
        #expect(served == [1, 2, 4, 5, 6, 7, 8, 9, 10])
        #expect(state.free(connection).waiter == nil)
        #expect(state.idle.count == 1)
        #expect(state.leased.isEmpty)
    }

    @Test func failsFastWhileNothingCanBeReached() {
        var state = state()
        #expect(isWait(state.acquire { _ in true }))
        state.enqueue(1, id: state.makeWaiterID(), deadline: .now)
        #expect(state.failedToConnect(PostgresError(.connectionRefused)) == [1])
        #expect(code(state.acquire { _ in true }) == .connectionRefused)
        let connection = Fake()
        _ = state.free(connection)
        // One connection is open: another that cannot be opened is no reason to fail anyone.
        #expect(state.failedToConnect(PostgresError(.connectionRefused)).isEmpty)
        guard case .lease = state.acquire(where: { _ in true }) else {
            Issue.record("the idle connection is not lent")
            return
        }
        #expect(isWait(state.acquire { _ in true }))
        state.removed(connection)
        #expect(state.openCount == 0)
    }

    @Test func endedConnectionsAreNotLent() {
        var state = state()
        _ = state.free(Fake())
        #expect(isWait(state.acquire { _ in false }))
        #expect(state.openCount == 0)
    }

    @Test func waitersExpire() {
        var state = state(waiterLimit: 2)
        let now = ContinuousClock.now
        state.enqueue(1, id: state.makeWaiterID(), deadline: now)
        state.enqueue(2, id: state.makeWaiterID(), deadline: now + .seconds(1))
        #expect(code(state.acquire { _ in true }) == .poolExhausted)
        #expect(state.expire(now: now) == [1])
        #expect(state.earliestDeadline == now + .seconds(1))
        #expect(isWait(state.acquire { _ in true }))
    }

    @Test func drainingClosesWhatComesBack() {
        var state = state()
        let (first, second) = (Fake(), Fake())
        _ = state.free(first)
        guard case .lease = state.acquire(where: { _ in true }) else { return }
        _ = state.free(second)
        #expect(state.drain().idle.count == 1)
        #expect(state.free(first).closes)
        #expect(code(state.acquire { _ in true }) == .poolClosed)
    }

    @Test func backoffIsBounded() {
        var backoff = Backoff()
        let waits = (0..<40).map { _ in backoff.next(fraction: 1) }
        #expect(waits.first == .milliseconds(50))
        #expect(waits.last == .seconds(1))
        #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(backoff.next(afterLiving: .milliseconds(999), fraction: 1) == .seconds(1))
        #expect(backoff.next(afterLiving: .seconds(1)) == .zero)
        #expect(backoff.next(fraction: 0) == .milliseconds(25))
    }
}
