import Testing

/// What is refused before anything is written down or sent.
@Suite(.serialized, .timeLimit(.minutes(10))) struct BadWriteTests {
    private static let yen = AccountSamples.number(3)
    private static let alice = FakeLedger.alice

    @Test(arguments: [
        (["deposit", "0", alice], 65, "the amount must be more than zero"),
        (["deposit", "0.00", alice], 65, "the amount must be more than zero"),
        (["deposit", "-1", alice], 65, "the amount must be more than zero"),
        (["deposit", "--", "-1", alice], 65, "the amount must be more than zero"),
        (["deposit", "5", alice, "--timeout", "-5s"], 64, "--timeout"),
        (["transfer", "-0.01", alice, yen], 65, "the amount must be more than zero"),
        (["hold", "0", alice, yen], 65, "the amount must be more than zero"),
        (["transfer", "0", alice, yen], 65, "the amount must be more than zero; nothing was sent"),
        (["deposit", "1e3", alice], 65, "'1e3' is not an amount"),
        (["deposit", "NaN", alice], 65, "'NaN' is not an amount"),
        (["deposit", "1,000", alice], 65, "no separators"),
        (["deposit", "1'000", alice], 65, "no separators"),
        (["deposit", "+1", alice], 65, "'+1' is not an amount"),
        (["deposit", " 1", alice], 65, "is not an amount"),
        (["deposit", "", alice], 65, "is not an amount"),
        (["deposit", "١٠", alice], 65, "is not an amount"),
        (["deposit", "1.005", alice], 65, "'1.005' is not an amount of USD"),
        (["withdraw", "10.5", yen], 65, "'10.5' is not an amount of JPY, which has no decimals"),
        (["deposit", "92233720368547758.08", alice], 65, "the amount is too large"),
        (["deposit", "99999999999999999999999", alice], 65, "the amount is too large"),
        (["deposit", "5", "XB45DEMO0000000071"], 65, "check digits do not match"),
        (
            ["transfer", "5", alice, "nobody"], 65,
            "cannot stand at position 3 of an account number"
        ),
        (["transfer", "5", alice], 64, "missing expected argument '<to>'"),
        (["deposit", "5", alice, "--id", "x"], 64, "an id is a UUID"),
        (["deposit", "5", alice, "--memo", ""], 64, "a memo must not be empty"),
        (["deposit", "5", alice, "--memo", "a\u{1B}[2Jb"], 64, "must not have control characters"),
        (["deposit", "5", alice, "--memo", "a\u{202E}b"], 64, "must not have control characters"),
        (["hold", "5", alice, yen, "--expires", "32d"], 64, "from 1s to 31d"),
        (["hold", "5", alice, yen, "--expires", "0s"], 64, "from 1s to 31d"),
        (["hold", "5", alice, yen, "--expires", "15"], 64, "from 1s to 31d"),
        (["hold", "5", alice, yen, "--expires", "99999999999999999999d"], 64, "from 1s to 31d"),
        (["post", "x"], 65, "'x' is not the id of a hold"),
        (["post", "\u{1B}[2J"], 65, "is not the id of a hold"),
        (["reverse", "0197f3c2"], 65, "is not the id of a transfer"),
        (
            ["post", "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55", "--amount", "1"], 1,
            "refused: it is so"
        ),
        (["open", "--name", "", "--currency", "EUR"], 64, "a name must not be empty"),
        (["open", "--name", "a", "--currency", "XXQ"], 64, "ISO 4217"),
        (["open", "--name", "a", "--currency", "EUR", "--limit", "-5"], 64, "zero or more"),
        (["open", "--name", "a", "--currency", "EUR", "--limit", "1.005"], 64, "at most 2"),
    ])
    func isRefusedBeforeItIsWrittenDown(
        arguments: [String], status: Int32, words: String
    ) async throws {
        try await WriteTestHome.with { home in
            let teller = try await TellerProcess.run(
                arguments, server: home.bank.url, environment: ["XDG_STATE_HOME": home.state])
            teller.expectFailure(status, saying: words)
            #expect(!teller.errors.contains("\u{1B}"))
            #expect(home.posts.isEmpty)
            #expect(home.lines.isEmpty)
        }
    }

    private static let mixedUp: [(String, Int32, String)] = [
        ("deposit \(alice) 5", 65, "the amount comes first, and '\(alice)' is the number"),
        ("transfer \(alice) \(yen) 5", 65, "the amount comes first"),
        ("deposit XB45 DEMO 0000 0000 17 5", 65, "the amount comes first"),
        ("deposit 5 XB45 DEMO 0000 0000 71", 65, "check digits do not match"),
        ("close XB45 DEMO 0000 0000 71", 65, "check digits do not match"),
        ("hold 5 \(alice) xb45 demo 0000 0000 71", 65, "check digits do not match"),
        ("withdraw 5 XB45 DEMO 0000 17", 65, "this one has 14"),
        ("void \(id) --id 00000000-0000-0000-0000-000000000000", 64, "is not a valid id"),
        ("close \(alice) --id ffffffff-ffff-ffff-ffff-ffffffffffff", 64, "is not a valid id"),
    ]
    private static let id = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55"

    @Test(arguments: mixedUp)
    func whatIsMixedUpIsNamed(line: String, status: Int32, words: String) async throws {
        try await isRefusedBeforeItIsWrittenDown(
            arguments: line.split(separator: " ").map(String.init), status: status, words: words)
    }

    @Test func bytesThatAreNoTextAreRefused() async throws {
        try await WriteTestHome.with { home in
            let teller = try await home.shell(
                #"exec "$teller" deposit 5 \#(Self.alice) --memo "$(printf 'a\377b')""#)
            teller.expectFailure(64, saying: "argument 5 is not text in UTF-8")
            #expect(home.posts.isEmpty)
            #expect(home.lines.isEmpty)
        }
    }

    @Test func aMemoOfAMegabyteIsRefused() async throws {
        let memo = String(repeating: "x", count: 100_000)
        try await WriteTestHome.with { home in
            let teller = try await home.teller("deposit", "5", Self.alice, "--memo", memo)
            teller.expectFailure(64, saying: "a memo has at most 140 characters")
            #expect(teller.errors.count < 200)
        }
    }

    @Test func withoutAHomeNothingIsSent() async throws {
        try await FakeBank.serving(FakeLedger().behave) { bank in
            let teller = try await TellerProcess.run(
                "deposit", "5", Self.alice, server: bank.url)
            teller.expectFailure(73, saying: "HOME is not set", "XDG_STATE_HOME")
            #expect(bank.requests.isEmpty)
        }
    }
}
