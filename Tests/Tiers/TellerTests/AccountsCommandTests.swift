import Testing

@Suite(.timeLimit(.minutes(10))) struct AccountsCommandTests {
    /// Two pages.
    private let accounts: FakeBank.Behaviour = { request in
        let isSecond = request.path.contains("page_token=a%2Fb%3D")
        let members =
            isSecond
            ? account(2, "山田花子", "JPY", "-12345", more: #","closed_at":"2025-06-07T00:00:00Z""#)
            : account(1, "Alice", "USD", "1234.56")
        return .json(
            #"{"accounts":[\#(members)]\#(isSecond ? "" : #","next_page_token":"a/b=""#)}"#)
    }

    @Test func readsAllPages() async throws {
        try await FakeBank.serving(accounts) { bank in
            let teller = try await TellerProcess.run(
                "accounts", "--currency", "usd", server: bank.url)
            #expect(
                teller.output == """
                    ACCOUNT                  NAME       CUR    BALANCE
                    \(grouped(1))   Alice      USD   1,234.56
                    \(grouped(2))   山田花子   JPY    -12,345   closed 2025-06-07

                    """)
            #expect(teller.status == 0)
            #expect(
                bank.requests.map(\.path) == [
                    "/v1/accounts?page_size=500&currency=USD",
                    "/v1/accounts?page_size=500&currency=USD&page_token=a%2Fb%3D",
                ])
        }
    }

    @Test func printsOneJSONArray() async throws {
        try await FakeBank.serving(accounts) { bank in
            let teller = try await TellerProcess.run(
                "accounts", "--output", "json", server: bank.url)
            let lines = teller.output.split(separator: "\n")
            try #require(lines.count == 4)
            #expect(lines.first == "[")
            #expect(lines.last == "]")
            #expect(lines[2].contains(#""closed_at":"2025-06-07T00:00:00.000000Z""#))
        }
    }

    @Test func saysThatThereAreNone() async throws {
        try await FakeBank.serving { _ in
            .json(#"{"accounts":[]}"#)
        } _: { bank in
            let table = try await TellerProcess.run("accounts", server: bank.url)
            #expect(table.output == "No accounts.\n")
            let json = try await TellerProcess.run("accounts", "--output", "json", server: bank.url)
            #expect(json.output == "[]\n")
        }
    }

    @Test func endsWhenThePagesDoNot() async throws {
        try await FakeBank.serving { _ in
            .json(#"{"accounts":[\#(account(1, "A", "USD", "1.00"))],"next_page_token":"same"}"#)
        } _: { bank in
            let teller = try await TellerProcess.run("accounts", server: bank.url)
            teller.expectFailure(76, saying: "do not end")
        }
    }

    @Test func refusesWhatIsNoCurrency() async throws {
        let teller = try await TellerProcess.run("accounts", "--currency", "XXQ")
        teller.expectFailure(64, saying: "'XXQ'", "ISO 4217")
    }

    private func grouped(_ number: Int) -> String {
        var text = ""
        for (index, character) in AccountSamples.number(number).enumerated() {
            if index > 0, index % 4 == 0 { text += " " }
            text.append(character)
        }
        return text
    }
}

private func account(
    _ number: Int, _ name: String, _ currency: String, _ balance: String, more: String = ""
) -> String {
    """
    {"account":"\(AccountSamples.number(number))","name":"\(name)","currency":"\(currency)",\
    "balance":"\(balance)","held":"0","version":1,"opened_at":"2024-01-02T03:04:05Z"\(more)}
    """
}
