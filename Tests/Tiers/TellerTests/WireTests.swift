import Testing

/// What a server, or what is in its place, can do to hop 1.
@Suite(.timeLimit(.minutes(10))) struct WireTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var reply: FakeBank.Reply
        var status: Int32
        var words: String
        /// Short only where it runs out.
        var timeout: String {
            words.contains("within 5s") ? "5s" : words.contains("within 20s") ? "20s" : "60s"
        }
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "silence", reply: .silence, status: 75, words: "no answer within 5s, on hop 1"),
        Case(
            name: "closes at once", reply: .bytes("", closes: true), status: 69,
            words: "closed without an answer"),
        Case(name: "resets", reply: .reset, status: 69, words: "closed without an answer"),
        Case(
            name: "half a head", reply: .bytes("HTTP/1.1 200 OK\r\ncont", closes: true),
            status: 69, words: "broke off in the middle"),
        Case(
            name: "half a body",
            reply: .bytes(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
                closes: true), status: 69, words: "broke off in the middle"),
        Case(
            name: "half a body, then silence",
            reply: .bytes(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
                closes: false), status: 75, words: "did not end within 20s"),
        Case(
            name: "another protocol", reply: .bytes("SSH-2.0-OpenSSH_9.2\r\n\r\n", closes: false),
            status: 76, words: "not HTTP"),
        Case(
            name: "announces too much",
            reply: .bytes(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                    + "content-length: 99999999999\r\n\r\n{", closes: false),
            status: 76, words: "larger than 8 MB"),
        Case(
            name: "sends too much",
            reply: .json("\"" + String(repeating: "x", count: 9 << 20) + "\""), status: 76,
            words: "larger than 8 MB"),
        Case(
            name: "a web page", reply: .answer(type: "text/html; charset=utf-8", body: "<p>"),
            status: 76, words: "it answers with text/html"),
        Case(
            name: "no content type",
            reply: .bytes("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", closes: false),
            status: 76, words: "no content type"),
        Case(
            name: "a page that is not found",
            reply: .answer("404 Not Found", type: "text/html", body: "<p>"), status: 76,
            words: "it answers 404 with text/html"),
        Case(name: "no JSON", reply: .json("{]"), status: 76, words: "not JSON"),
        Case(
            name: "other JSON", reply: .json(#"{"ok":true}"#), status: 76, words: "has no 'account'"
        ),
        Case(
            name: "a number for money",
            reply: .json(
                #"{"account":"XB45DEMO0000000017","name":"A","currency":"USD","balance":1.5,"version":1}"#
            ),
            status: 76, words: "another type at balance"),
        Case(
            name: "another account",
            reply: .json(FakeBank.balance(of: AccountSamples.number(2))), status: 76,
            words: "about another account"),
        Case(
            name: "a redirect",
            reply: .answer(
                "302 Found", type: "text/html", body: "", more: "location: http://127.0.0.1:1/\r\n"),
            status: 76, words: "redirects"),
        Case(
            name: "a proxy", reply: .answer("502 Bad Gateway", type: "text/html", body: "<p>"),
            status: 69, words: "a proxy answers 502"),
        Case(
            name: "an invalid problem",
            reply: .answer("400 Bad Request", type: "application/problem+json", body: "[]"),
            status: 76, words: "it answers 400"),
        Case(
            name: "an internal problem",
            reply: .problem("500 Internal Server Error", "internal", tier: "balance-service"),
            status: 70,
            words: "at balance-service (hop 2); its log has the details under trace ab12"),
        Case(
            name: "a deadline further down",
            reply: .problem("504 Gateway Timeout", "deadline_exceeded", tier: "postgresql"),
            status: 75, words: "at PostgreSQL (hop 3)"),
        Case(
            name: "no database",
            reply: .problem(
                "503 Service Unavailable", "database_unavailable", tier: "balance-service"),
            status: 69, words: "the database does not answer, at PostgreSQL"),
        Case(
            name: "overload",
            reply: .problem(
                "503 Service Unavailable", "overloaded", tier: "bank-server",
                more: "retry-after: 60\r\n"), status: 75, words: "the bank is busy"),
        Case(
            name: "an unknown account",
            reply: .problem("404 Not Found", "account_unknown", tier: "balance-service"),
            status: 67, words: "XB45 DEMO 0000 0000 17: no account has this number"),
    ]

    @Test(arguments: cases)
    func saysInOneLineWhatHappenedAndWhere(example: Case) async throws {
        try await FakeBank.serving { _ in
            example.reply
        } _: { bank in
            for output in ["table", "json"] {
                let teller = try await TellerProcess.run(
                    "balance", FakeBank.alice, "--timeout", example.timeout, "--output", output,
                    server: bank.url)
                teller.expectFailure(example.status, saying: example.words)
            }
        }
    }

    @Test func asksAgainWhenATierIsAwayForAMoment() async throws {
        let away = Countdown(2)
        try await FakeBank.serving { request in
            away.next() > 0
                ? .problem(
                    "503 Service Unavailable", "balance_service_unavailable", tier: "bank-server")
                : FakeBank.balances(request)
        } _: { bank in
            let teller = try await TellerProcess.run("balance", FakeBank.alice, server: bank.url)
            #expect(teller.status == 0)
            #expect(bank.requests.count == 3)
        }
    }

    @Test func namesTheInvalidHost() async throws {
        let teller = try await TellerProcess.run(
            "balance", FakeBank.alice, "--server", "http://nobody.invalid:8080")
        teller.expectFailure(68, saying: "no host has this name", "--server")
    }

    @Test func endsWhenNoConnectionComesAbout() async throws {
        let listener = try FullListener()
        defer { listener.close() }
        let teller = try await TellerProcess.run(
            "balance", FakeBank.alice, "--timeout", "700ms", server: listener.url)
        teller.expectFailure(75, saying: "no connection within 700ms")
    }
}
