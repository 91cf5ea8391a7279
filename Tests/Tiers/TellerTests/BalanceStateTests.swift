import Synchronization
import Testing

/// Balances of another time, of a version, and with money held.
@Suite(.timeLimit(.minutes(10))) struct BalanceStateTests {
    private let alice = FakeBank.alice

    @Test func heldMoneyIsShownWhereThereIsAny() async throws {
        let number = AccountSamples.number(2)
        try await FakeBank.serving { request in
            let isAlice = request.path.contains(FakeBank.alice)
            return .json(
                """
                {"account":"\(isAlice ? FakeBank.alice : number)","name":"A","currency":"USD",\
                "balance":"1234.56","held":"\(isAlice ? "200" : "0")","version":3}
                """)
        } _: { bank in
            let teller = try await TellerProcess.run("balance", alice, number, server: bank.url)
            let lines = teller.output.split(separator: "\n")
            #expect(lines.first?.hasSuffix("1,234.56   200.00 held   1,034.56 available") == true)
            #expect(lines.last?.hasSuffix("1,234.56") == true)
        }
    }

    @Test func aClosedAccountSaysSo() async throws {
        let number = AccountSamples.number(2)
        try await FakeBank.serving { request in
            request.path.contains(FakeBank.alice)
                ? .json(
                    """
                    {"account":"\(FakeBank.alice)","name":"A","currency":"USD","balance":"5",\
                    "held":"0","version":3}
                    """)
                : .json(
                    """
                    {"account":"\(number)","name":"B","currency":"USD","balance":"0",\
                    "held":"0","version":3,"closed_at":"2025-06-07T00:00:00.123456Z"}
                    """)
        } _: { bank in
            let teller = try await TellerProcess.run("balance", alice, number, server: bank.url)
            let lines = teller.output.split(separator: "\n")
            #expect(lines.first?.hasSuffix("5.00") == true)
            #expect(lines.last?.hasSuffix("0.00   closed 2025-06-07") == true, "\(teller)")
            for arguments in [[], ["--explain"]] {
                let json = try await TellerProcess.run(
                    ["balance", number, "--output", "json"] + arguments, server: bank.url,
                    environment: [:])
                #expect(json.output.contains(#""closed_at":"2025-06-07T00:00:00.123456Z""#))
            }
        }
    }

    @Test func aTimeBeforeTheAccountIsSaidSo() async throws {
        try await FakeBank.serving { _ in
            .problem("404 Not Found", "account_unknown", tier: "balance-service")
        } _: { bank in
            let then = try await TellerProcess.run(
                "balance", alice, "--at", "2020-01-01", server: bank.url)
            then.expectFailure(67, saying: "no account had this number at that time")
            let now = try await TellerProcess.run("balance", alice, server: bank.url)
            now.expectFailure(67, saying: "no account has this number")
        }
    }

    @Test func aVersionIsWaitedFor() async throws {
        let asked = Mutex(0)
        try await FakeBank.serving { _ in
            let isThere = asked.withLock { count in
                count += 1
                return count > 3
            }
            return isThere
                ? .json(FakeBank.balance(of: FakeBank.alice))
                : .problem("409 Conflict", "version_not_reached", tier: "balance-service")
        } _: { bank in
            let teller = try await TellerProcess.run(
                "balance", alice, "--at-least-version", "3", "--timeout", "60s", server: bank.url)
            #expect(teller.status == 0, "\(teller.errors)")
            #expect(
                bank.requests.map(\.path)
                    == Array(
                        repeating: "/v1/accounts/\(alice)/balance?at_least_version=3", count: 4))
        }
    }

    @Test func aVersionThatIsNotReachedIsAnErrorInTime() async throws {
        try await FakeBank.serving { _ in
            .problem("409 Conflict", "version_not_reached", tier: "balance-service")
        } _: { bank in
            let teller = try await TellerProcess.run(
                "balance", alice, "--at-least-version", "9", "--timeout", "5s", server: bank.url)
            teller.expectFailure(75, saying: "did not reach that version within 5s")
        }
    }

    @Test func anOlderStateIsNeverShown() async throws {
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.run(
                "balance", alice, "--at-least-version", "4", server: bank.url)
            teller.expectFailure(76, saying: "older version")
        }
    }

    @Test(arguments: [
        ("2026-01-31T10:30:00+01:00", "2026-01-31T09%3A30%3A00.000000Z"),
        ("2026-01-31", "2026-01-31T23%3A59%3A59.999999Z"),
    ])
    func asksForAnotherTime(text: String, asked: String) async throws {
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.run(
                "balance", alice, "--at", text, server: bank.url)
            #expect(teller.status == 0, "\(teller.errors)")
            #expect(bank.requests.first?.path == "/v1/accounts/\(alice)/balance?at=\(asked)")
        }
    }

    @Test(arguments: [
        (["--at", "soon"], "--at: 'soon' is neither"),
        (["--at-least-version=-1"], "a version is not negative"),
        (["--at", "2026-01-31", "--at-least-version", "1"], "exclude one another"),
        ([AccountSamples.number(2), "--at-least-version", "1"], "is of one account"),
    ])
    func refusesWhatIsNoState(arguments: [String], words: String) async throws {
        let teller = try await TellerProcess.run(
            ["balance", alice] + arguments, server: "http://127.0.0.1:1", environment: [:])
        teller.expectFailure(64, saying: words)
    }
}
