import NIOCore
import Testing

@testable import BankClient

/// What is asked again, and when.
@Suite struct RetryTests {
    private func answer(
        _ status: Int, retryAfter: Int64? = nil
    ) -> Result<RawAnswer, BankClientError> {
        .success(
            RawAnswer(
                status: status, mediaType: "", serverTiming: "", retryAfter: retryAfter,
                body: ByteBuffer()))
    }

    @Test func asksAgainTwiceAndBacksOff() throws {
        var retry = Retry(of: .read)
        let delays = (0..<3).map { _ in retry.delay(after: answer(503), remaining: .seconds(5)) }
        #expect(try #require(delays[0]) < #require(delays[1]))
        #expect(delays[2] == nil)
    }

    @Test func keepsToRetryAfter() {
        var retry = Retry(of: .read)
        let delays = [1, 3, .max].map { seconds in
            retry.delay(after: answer(503, retryAfter: seconds), remaining: .seconds(5))
        }
        #expect(delays == [.seconds(1), nil, nil])
    }

    /// Whoever tried too often waits for as long as there is time.
    @Test func waitsAfterTooManyTries() {
        var retry = Retry(of: .write)
        let delays = [6, 4, 4, 4].map { seconds in
            retry.delay(after: answer(429, retryAfter: seconds), remaining: .seconds(5))
        }
        #expect(delays == [nil, .seconds(4), .seconds(4), nil])
    }

    @Test func neverWaitsPastTheDeadline() {
        var retry = Retry(of: .read)
        let delay = retry.delay(after: answer(503), remaining: .milliseconds(20))
        #expect(delay == nil)
    }

    @Test(arguments: [200, 400, 401, 403, 404, 500, 502, 504])
    func asksOnceForOtherAnswers(status: Int) {
        var retry = Retry(of: .read)
        let delay = retry.delay(after: answer(status), remaining: .seconds(5))
        #expect(delay == nil)
    }

    /// By a clock of the test's own: each look takes 1 ms.
    @Test func looksForAVersionUntilThereIsTimeForOneMore() {
        var retry = Retry(of: .readOfVersion)
        var remaining = Duration.seconds(2)
        var looks = 0
        while let delay = retry.delay(after: answer(409), remaining: remaining) {
            #expect(delay <= Retry.longestLook)
            remaining -= delay + .milliseconds(1)
            looks += 1
        }
        #expect(looks > 4)
        #expect(remaining > .zero && remaining <= Retry.timeToLook)
    }

    @Test(arguments: [
        (Duration.seconds(5), Duration.milliseconds(4750)),
        (.seconds(60), .milliseconds(59_500)), (.milliseconds(20), .milliseconds(19)),
        (.zero, .zero),
    ])
    func theTiersHaveLessTimeThanTheClientWaits(remaining: Duration, share: Duration) {
        #expect(BankClient.tiersShare(of: remaining) == share)
    }

    @Test func asksOnceWhenTheWireFailed() {
        var retry = Retry(of: .read)
        let failure = Result<RawAnswer, BankClientError>.failure(BankClientError(.connectionFailed))
        let delay = retry.delay(after: failure, remaining: .seconds(5))
        #expect(delay == nil)
    }

    /// Only another answer tells what a write did whose answer was lost.
    @Test func repeatsAWriteWhoseAnswerWasLost() throws {
        let failure = Result<RawAnswer, BankClientError>.failure(BankClientError(.answerBrokeOff))
        var write = Retry(of: .write)
        var read = Retry(of: .read)
        for _ in 0..<Retry.mostRepeats {
            #expect(write.delay(after: failure, isLost: true, remaining: .seconds(5)) != nil)
            #expect(read.delay(after: failure, isLost: true, remaining: .seconds(5)) == nil)
        }
        #expect(write.delay(after: failure, isLost: true, remaining: .seconds(5)) == nil)
        var late = Retry(of: .write)
        #expect(late.delay(after: failure, isLost: true, remaining: .milliseconds(20)) == nil)
    }

    /// Nothing was done by one that was not sent or that the bank blames: the caller may ask again.
    @Test func asksForAWriteAgainThatTheBankCouldNotDo() throws {
        var retry = Retry(of: .write)
        let delays = (0..<3).map { _ in retry.delay(after: answer(503), remaining: .seconds(5)) }
        #expect(try #require(delays[0]) < #require(delays[1]))
        #expect(delays[2] == nil)
        #expect(retry.delay(after: answer(409), remaining: .seconds(5)) == nil)
        let failure = Result<RawAnswer, BankClientError>.failure(BankClientError(.noConnection))
        #expect(retry.delay(after: failure, remaining: .seconds(5)) == nil)
    }
}
