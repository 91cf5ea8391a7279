import Chain
import Ledger
import NIOCore
import Testing

@testable import Teller

@Suite struct TimeoutTests {
    @Test(arguments: [
        (["--server", "u", "balance", "A"], ["balance", "--server", "u", "A"]),
        (
            ["--server=u", "--timeout", "1s", "accounts"],
            ["accounts", "--server=u", "--timeout", "1s"]
        ),
        (["balance", "--server", "u"], ["balance", "--server", "u"]),
        (["--server", "u"], ["--server", "u"]), (["--server"], ["--server"]), ([], []),
        (["--help"], ["--help"]),
    ])
    func bankOptionsMayStandBeforeTheCommand(given: [String], parsed: [String]) {
        #expect(App.withOptionsBehindTheCommand(given) == parsed)
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("5s", .seconds(5)), ("2m", .seconds(120)),
        ("1ms", .milliseconds(1)), ("300s", .seconds(300)), ("007s", .seconds(7)),
    ])
    func reads(text: String, duration: Duration) throws {
        #expect(try Timeout(text).duration == duration)
    }

    @Test(arguments: [
        ("", TimeoutError.malformed), ("5", .malformed), ("s", .malformed), ("-5s", .malformed),
        ("5 s", .malformed), ("1.5s", .malformed), ("5h", .malformed), ("٥s", .malformed),
        ("+5s", .malformed), ("5\u{301}s", .malformed), ("5s\u{301}", .malformed), ("0s", .zero),
        ("000ms", .zero), ("6m", .tooLong), ("301s", .tooLong),
        ("99999999999999999999999s", .tooLong),
    ])
    func refuses(text: String, error: TimeoutError) {
        #expect(throws: error) { try Timeout(text) }
    }
}

@Suite struct BankAddressTests {
    @Test(arguments: [
        ("http://localhost", "http://localhost:80"),
        ("https://bank.example/", "https://bank.example:443"),
        ("HTTP://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://[::1]:9", "http://[::1]:9"),
        ("http://[::1]", "http://[::1]:80"), ("https://a-b_c.d:65535/", "https://a-b_c.d:65535"),
    ])
    func reads(text: String, address: String) throws {
        #expect(try BankAddress(text, source: .flag).description == address)
    }

    @Test(arguments: [
        ("", BankAddressError.noScheme), ("localhost:8080", .noScheme), ("http:/x", .noScheme),
        ("ftp://x", .otherScheme), ("unix:///x", .otherScheme), ("http://u:p@x", .hasCredentials),
        ("http://u:p@\u{301}x", .hasCredentials), ("http://x/\u{301}y", .hasPath),
        ("http://x/bank", .hasPath), ("http://x?y", .hasPath), ("http://x#y", .hasPath),
        ("http://", .noHostAndPort), ("http://:80", .noHostAndPort), ("http://x:", .noHostAndPort),
        ("http://x:0", .noHostAndPort), ("http://x:65536", .noHostAndPort),
        ("http://x y", .noHostAndPort), ("http://::1", .noHostAndPort),
        ("http://x\r\nHost: y", .noHostAndPort), ("http://bänk", .noHostAndPort),
    ])
    func refuses(text: String, error: BankAddressError) {
        #expect(throws: error) { try BankAddress(text, source: .flag) }
    }

    @Test func percentEncodesTokens() {
        #expect("aZ9-._~/ &=%é\n".percentEncoded == "aZ9-._~%2F%20%26%3D%25%C3%A9%0A")
    }
}

@Suite struct AccountArgumentsTests {
    @Test(
        arguments: [
            (
                [
                    "balance", "XB45", "DEMO", "0000", "0000", "17", "xb62", "demo", "0000", "0000",
                    "02",
                ],
                ["balance", "XB45DEMO0000000017", "xb62demo0000000002"]
            ),
            (
                ["transfer", "25", "XB45", "DEMO", "0000", "0000", "18", "XB62DEMO0000000002"],
                ["transfer", "25", "XB45DEMO0000000018", "XB62DEMO0000000002"]
            ),
            (
                ["deposit", "XB45", "DEMO", "0000", "17", "--memo", "XB45", "--", "XB45", "DEMO"],
                ["deposit", "XB45DEMO000017", "--memo", "XB45", "--", "XB45", "DEMO"]
            ),
            (["up", "--port", "-1"], ["up", "--port=-1"]),
            (["post", "x", "--amount", "-5"], ["post", "x", "--amount=-5"]),
            (["transfer", "--atomic", "-5"], ["transfer", "--atomic", "-5"]),
            (["pay", "XB45", "DEMO"], ["pay", "XB45", "DEMO"]),
        ] as [([String], [String])])
    func joinsWhatBelongsTogether(given: [String], read: [String]) {
        #expect(CommandSyntax.joined(given) == read)
    }

    @Test func namesEachMistypedOne() {
        #expect {
            try AccountArguments.parse(["XB45DEMO0000000018", "xb45demo0000000017", "no"])
        } throws: { error in
            (error as? CommandFailure)?.errors.map(\.status) == [.dataError, .dataError]
        }
    }
}

@Suite struct ReadRetryTests {
    private func answer(_ status: Int, retryAfter: Int64? = nil) -> Result<RawAnswer, TellerError> {
        .success(
            RawAnswer(
                status: status, mediaType: "", serverTiming: "", retryAfter: retryAfter,
                body: ByteBuffer()))
    }

    @Test func asksAgainTwiceAndBacksOff() throws {
        var retry = ReadRetry()
        let delays = (0..<3).map { _ in retry.delay(after: answer(503), remaining: .seconds(5)) }
        #expect(try #require(delays[0]) < #require(delays[1]))
        #expect(delays[2] == nil)
    }

    @Test func keepsToRetryAfter() {
        var retry = ReadRetry()
        let delays = [1, 3, .max].map { seconds in
            retry.delay(after: answer(503, retryAfter: seconds), remaining: .seconds(5))
        }
        #expect(delays == [.seconds(1), nil, nil])
    }

    @Test func neverWaitsPastTheDeadline() {
        var retry = ReadRetry()
        let delay = retry.delay(after: answer(503), remaining: .milliseconds(20))
        #expect(delay == nil)
    }

    @Test(arguments: [200, 400, 404, 429, 500, 502, 504])
    func asksOnceForOtherAnswers(status: Int) {
        var retry = ReadRetry()
        let delay = retry.delay(after: answer(status), remaining: .seconds(5))
        #expect(delay == nil)
    }

    /// By a clock of the test's own: each look takes 1 ms.
    @Test func looksForAVersionUntilThereIsTimeForOneMore() {
        var retry = ReadRetry(awaitsVersion: true)
        var remaining = Duration.seconds(2)
        var looks = 0
        while let delay = retry.delay(after: answer(409), remaining: remaining) {
            #expect(delay <= ReadRetry.longestLook)
            remaining -= delay + .milliseconds(1)
            looks += 1
        }
        #expect(looks > 4)
        #expect(remaining > .zero && remaining <= ReadRetry.timeToLook)
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
        var retry = ReadRetry()
        let failure = Result<RawAnswer, TellerError>.failure(TellerError(.unavailable, "refused"))
        let delay = retry.delay(after: failure, remaining: .seconds(5))
        #expect(delay == nil)
    }
}
