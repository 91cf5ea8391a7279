import Chain
import Ledger
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
