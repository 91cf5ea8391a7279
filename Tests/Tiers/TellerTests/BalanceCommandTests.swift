import Testing

@Suite(.timeLimit(.minutes(10))) struct BalanceCommandTests {
    private let alice = FakeBank.alice

    @Test func printsOneLine() async throws {
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.run("balance", alice, "--server", bank.url)
            #expect(teller.status == 0)
            #expect(teller.output == "XB45 DEMO 0000 0000 17   Alice, everyday   USD   1,234.56\n")
            #expect(teller.errors.isEmpty)
            let request = try #require(bank.requests.first)
            #expect(request.path == "/v1/accounts/\(alice)/balance")
            #expect(request.headers["grpc-timeout"]?.hasSuffix("u") == true)
            #expect(request.headers["traceparent"]?.hasSuffix("-00") == true)
        }
    }

    @Test func printsJSONAndNothingElse() async throws {
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.run(
                "balance", alice, "--output", "json", server: bank.url)
            #expect(teller.status == 0)
            #expect(
                teller.output == """
                    [
                      {"account":"\(alice)","balance":"1234.56","currency":"USD",\
                    "name":"Alice, everyday","version":3}
                    ]

                    """)
        }
    }

    @Test func drawsTheChain() async throws {
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.run(
                "balance", alice, alice, "--explain", server: bank.url)
            #expect(teller.status == 0)
            let lines = teller.output.split(separator: "\n", omittingEmptySubsequences: false)
            try #require(lines.count == 14)
            #expect(lines[2].hasPrefix("  teller               GET /v1/accounts/{account}/balance"))
            #expect(lines[5].contains("    └ PostgreSQL     SELECT … WHERE id = ANY ($1)"))
            #expect(!teller.output.contains("\u{1B}"))
            #expect(
                bank.requests.allSatisfy { $0.headers["traceparent"]?.hasSuffix("-01") == true })
        }
    }

    @Test func explainsInJSON() async throws {
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.run(
                "balance", alice, "--explain", "--output", "json", server: bank.url)
            #expect(teller.output.contains(#""tier":"postgresql""#))
            #expect(teller.output.contains(#""trace_id":""#))
        }
    }

    @Test func showsTheOthersWhenOneIsUnknown() async throws {
        let unknown = "XB18DEMO0000000018"
        try await FakeBank.serving { request in
            request.path.contains(unknown)
                ? .problem("404 Not Found", "account_unknown", tier: "balance-service")
                : FakeBank.balances(request)
        } _: { bank in
            let teller = try await TellerProcess.run(
                "balance", alice, unknown, alice, "--output", "json", server: bank.url)
            #expect(teller.status == 67)
            #expect(teller.output.split(separator: "\n").count == 4)
            #expect(teller.errorLines.count == 1)
            #expect(teller.errors.contains("XB18 DEMO 0000 0000 18: no account has this number"))
        }
    }

    @Test func answersManyInTheOrderGiven() async throws {
        let numbers = (1...40).map { AccountSamples.number($0) }
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.shell(
                "exec \"$teller\" balance \(numbers.joined(separator: " ")) --output json",
                server: bank.url)
            #expect(teller.status == 0)
            let shown = teller.output.split(separator: "\n").compactMap { line in
                line.firstRange(of: #""account":""#).map {
                    String(line[$0.upperBound...].prefix(18))
                }
            }
            #expect(shown == numbers)
        }
    }

    @Test func saysOnceThatTheServerIsNotThere() async throws {
        let teller = try await TellerProcess.run(
            "balance", alice, AccountSamples.number(2), server: "http://127.0.0.1:1")
        teller.expectFailure(69, saying: "connection refused", "on hop 1", "TELLER_SERVER")
    }

    @Test func aMistypedNumberReachesNoHop() async throws {
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.run(
                "balance", "XB45DEMO0000000071", server: bank.url)
            teller.expectFailure(65, saying: "check digits do not match")
            #expect(bank.requests.isEmpty)
        }
    }

    @Test func aNameCannotSteerTheTerminal() async throws {
        try await FakeBank.serving { _ in
            .json(FakeBank.balance(of: FakeBank.alice, name: #"A\u001b[2J\nB"#))
        } _: { bank in
            let teller = try await TellerProcess.run("balance", alice, server: bank.url)
            #expect(teller.output.contains("A\u{FFFD}[2J\u{FFFD}B"))
        }
    }
}
