import Testing

@testable import Chain

@Suite(.timeLimit(.minutes(1)))
struct DepartureTests {
    @Test func tellsAllWhoWait() async {
        let departure = Departure()
        async let first: Void = departure.wait()
        async let second: Void = departure.wait()
        departure.leave()
        _ = await (first, second)
        await departure.wait()
    }

    /// As the next request on a connection does, whose last one was answered.
    @Test func whoStopsWaitingLeavesTheOthersWaiting() async {
        let departure = Departure()
        let gone = Task { await departure.wait() }
        gone.cancel()
        await gone.value
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await departure.wait()
                return Task.isCancelled
            }
            group.cancelAll()
            #expect(await group.next() == true)
        }
        async let left: Void = departure.wait()
        departure.leave()
        await left
    }
}
