import Testing

@testable import BalanceService

/// How often a password may be tried, by a clock of the test.
@Suite struct LoginThrottleTests {
    private let start = ContinuousClock.now

    @Test func delaysGrowByUserAndAddress() {
        var throttle = LoginThrottle()
        var now = start
        for _ in 1...3 { #expect(throttle.take(user: "a", source: "x", at: now) == nil) }
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] as [Int64] {
            #expect(throttle.take(user: "a", source: "x", at: now) == .seconds(wait))
            #expect(throttle.take(user: "b", source: "x", at: now) == nil)
            now += .seconds(wait)
            #expect(throttle.take(user: "a", source: "x", at: now) == nil)
            throttle.succeed(user: "b", source: "x")
        }
    }

    @Test func aRightOneEndsTheDelay() {
        var throttle = LoginThrottle()
        for _ in 1...3 { _ = throttle.take(user: "a", source: "x", at: start) }
        #expect(throttle.take(user: "a", source: "x", at: start) != nil)
        throttle.succeed(user: "a", source: "x")
        #expect(throttle.take(user: "a", source: "x", at: start) == nil)
    }

    @Test func failuresAreForgotten() {
        var throttle = LoginThrottle()
        for _ in 1...3 { _ = throttle.take(user: "a", source: "x", at: start) }
        #expect(throttle.take(user: "a", source: "x", at: start + .seconds(900)) == nil)
        #expect(throttle.take(user: "a", source: "x", at: start + .seconds(900)) == nil)
    }

    /// Strangers from anywhere are slowed down, and one try a second gets through, be it the customer's.
    @Test func nobodyLocksAUserOut() {
        var throttle = LoginThrottle()
        let tries = (0..<1000).map { throttle.take(user: "a", source: "\($0)", at: start) }
        #expect(tries.count { $0 == nil } == 10)
        for second in 1...100 {
            let now = start + .seconds(second)
            let first = throttle.take(user: "a", source: "home \(second)", at: now)
            #expect(first == nil)
            #expect(throttle.take(user: "a", source: "\(second)", at: now) == .seconds(1))
        }
    }

    @Test func remembersNoMoreThanItMay() {
        var limits = LoginThrottle.Limits()
        limits.entries = 10
        var throttle = LoginThrottle(limits)
        for _ in 1...4 { _ = throttle.take(user: "a", source: "x", at: start) }
        for name in 0..<20 { _ = throttle.take(user: "\(name)", source: "x", at: start) }
        #expect(throttle.take(user: "a", source: "x", at: start) == nil)
    }

    /// Of an address the first tries come at once; those that are refused leave nothing behind.
    @Test func manyNamesFromOneAddressAreSlowed() {
        var throttle = LoginThrottle()
        func spray(_ seconds: Int) -> Int {
            let now = start + .seconds(seconds)
            return (0..<1000).count {
                throttle.take(user: "\(seconds) \($0)", source: "x", at: now) == nil
            }
        }
        #expect(spray(0) == 30)
        #expect(throttle.count == 1 + 2 * 30)
        #expect((1...5).map(spray) == [1, 1, 1, 1, 1])
        #expect(throttle.take(user: "a", source: "x", at: start + .seconds(5)) == .seconds(1))
        #expect(throttle.take(user: "a", source: "y", at: start + .seconds(5)) == nil)
    }

    /// Such as an office.
    @Test func manyPeopleSignInFromOneAddress() {
        var throttle = LoginThrottle()
        for name in 0..<100 {
            #expect(throttle.take(user: "\(name)", source: "x", at: start) == nil)
            throttle.succeed(user: "\(name)", source: "x")
        }
    }

    /// Who has a password of her own tries no more of others' for it.
    @Test func aRightOneCountsForItselfAlone() {
        var throttle = LoginThrottle()
        var tried = 0
        for round in 0..<100 {
            if throttle.take(user: "\(round)", source: "x", at: start) == nil { tried += 1 }
            if throttle.take(user: "mallory", source: "x", at: start) == nil {
                throttle.succeed(user: "mallory", source: "x")
            }
        }
        #expect(tried == 30)
    }

    /// As behind a proxy that nobody told of: nobody waits for somebody else.
    @Test func withoutAnAddressTheUserAloneCounts() {
        var throttle = LoginThrottle()
        for name in 0..<1000 {
            #expect(throttle.take(user: "\(name)", source: nil, at: start) == nil)
        }
        let tries = (0..<20).map { _ in throttle.take(user: "a", source: nil, at: start) }
        #expect(tries.count { $0 == nil } == 10)
        #expect(throttle.take(user: "a", source: nil, at: start + .seconds(1)) == nil)
    }

    @Test func aTryThatWasNotMadeIsGivenBack() {
        var throttle = LoginThrottle()
        for _ in 0..<100 {
            #expect(throttle.take(user: "a", source: "x", at: start) == nil)
            throttle.giveBack(user: "a", source: "x")
        }
        // What was there before stays.
        for _ in 1...3 { #expect(throttle.take(user: "a", source: "x", at: start) == nil) }
        #expect(throttle.take(user: "a", source: "x", at: start) == .seconds(1))
        let later = start + .seconds(1)
        #expect(throttle.take(user: "a", source: "x", at: later) == nil)
        #expect(throttle.take(user: "a", source: "x", at: later) == .seconds(2))
        throttle.giveBack(user: "a", source: "x")
        #expect(throttle.take(user: "a", source: "x", at: later) == nil)
        #expect(throttle.take(user: "a", source: "x", at: later) == .seconds(2))
        // Nothing of it is left to give back.
        throttle.giveBack(user: "b", source: "y")
        #expect(throttle.take(user: "b", source: "y", at: start) == nil)
    }

    @Test(arguments: [
        (nil, nil), ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("2001:db8::1", "32.1.13.184.0.0.0.0/64"), ("2001:db8:0:0:9::2", "32.1.13.184.0.0.0.0/64"),
        ("a socket", "a socket"),
    ]) func aNetworkIsOneAddress(source: String?, network: String?) {
        #expect(Origin(source: source).network == network)
    }
}
