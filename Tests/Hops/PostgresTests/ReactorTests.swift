import Synchronization
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1)))
struct ReactorTests {
    /// Work that hands itself in again until it is told to stop.
    private final class Load: Sendable {
        let isOver = Atomic(false)

        func run(on reactor: SocketReactor) {
            guard !isOver.load(ordering: .relaxed) else { return }
            reactor.submit { self.run(on: reactor) }
        }
    }

    @Test func alarmsRingUnderConstantLoad() async throws {
        let reactor = try SocketReactor()
        try reactor.start()
        let load = Load()
        load.run(on: reactor)
        let rang = Handoff<Bool>()
        reactor.schedule(at: .now + .milliseconds(20)) { _ = rang.offer(true) }
        let bound = Task {
            try await Task.sleep(for: .seconds(10))
            _ = rang.offer(false)
        }
        #expect(await rang.value())
        bound.cancel()
        load.isOver.store(true, ordering: .relaxed)
        await reactor.close()
    }

    @Test func aSignalAfterTheEndIsHarmless() async throws {
        let reactor = try SocketReactor()
        try reactor.start()
        let watch = SocketWatch(reactor: reactor, descriptor: -1) {}
        await reactor.close()
        let done = Handoff<Void>()
        reactor.submit {
            watch.signal(.interrupted, operation: 0)
            _ = done.offer(())
        }
        await done.value()
    }
}
