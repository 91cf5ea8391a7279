import BankAPI
import Chain
import HTTPFront
import Ledger
import NIOHTTP1
import TestSupport
import Testing

@testable import BankServer

@Suite struct BadBodyTests {
    /// A body, the code of the problem it gets, and what its detail names.
    struct Case: Sendable, CustomTestStringConvertible {
        var path = "/v1/transfers"
        var body: String
        var type: String? = "application/json"
        var code = ProblemCode.requestInvalid
        var detail: String

        var testDescription: String { "\(body.prefix(80)) → \(code.rawValue)" }
    }

    static let id = "0197a2b4-6f00-7c31-8d55-0242ac120002"

    /// A transfer with members replaced; `nil` removes one.
    static func transfer(_ changes: [String: String?]) -> String {
        var members: [String: String?] = [
            "id": "\"\(id)\"", "kind": "\"transfer\"", "amount": "\"12.34\"",
            "currency": "\"USD\"", "debit_account": "\"\(FakeBalances.known)\"",
            "credit_account": "\"\(FakeBalances.unknown)\"",
        ]
        members.merge(changes) { $1 }
        let texts = members.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
        return "{\(texts.sorted().joined(separator: ","))}"
    }

    static func amount(_ text: String, _ code: ProblemCode = .requestInvalid) -> Case {
        Case(body: transfer(["amount": "\"\(text)\""]), code: code, detail: "amount")
    }

    static func post(_ members: String, _ detail: String) -> Case {
        Case(
            body: "{\"id\":\"\(id)\",\"kind\":\"post\",\"hold\":\"\(id)\",\(members)}",
            detail: detail)
    }

    static let cases: [Case] = [
        amount("1e3"), amount("NaN"), amount("1.005"), amount("1,234.56"), amount("١٢٣"),
        amount(""), amount(" 5"), amount("+5"), amount("5."), amount("0x10"), amount("1_000"),
        amount("92233720368547758.08", .amountTooLarge),
        amount("-92233720368547758.09", .amountTooLarge),
        Case(body: transfer(["amount": "12.34"]), detail: "amount"),
        Case(
            body: transfer(["amount": "\"10.5\"", "currency": "\"JPY\""]),
            detail: "JPY, which has no decimals"),
        Case(body: transfer(["currency": "\"XXQ\""]), code: .currencyInvalid, detail: "currency"),
        Case(body: transfer(["currency": "\"usd\""]), code: .currencyInvalid, detail: "currency"),
        Case(body: transfer(["currency": nil]), detail: "currency is missing"),
        Case(body: transfer(["amount": "null"]), detail: "amount must not be null"),
        Case(body: transfer(["memo": "null"]), detail: "memo must not be null"),
        Case(body: transfer(["amount": nil]), detail: "amount is missing"),
        post("\"currency\":\"EUR\"", "amount is missing"),
        post("\"currency\":\"EUR\",\"amount\":null", "amount must not be null"),
        post("\"currency\":5", "currency must be a string"),
        post("\"currency\":[\"x\"]", "currency must be a string"),
        post("\"amount\":\"1\"", "currency is missing"),
        Case(body: transfer(["id": "\"17\""]), code: .idInvalid, detail: "id"),
        Case(body: transfer(["id": "17"]), detail: "id must be a string"),
        Case(body: transfer(["id": nil]), detail: "id is missing"),
        Case(body: transfer(["ledger": "\"x\""]), code: .idInvalid, detail: "ledger"),
        Case(
            body: transfer(["debit_account": "\"XB46DEMO0000000017\""]), code: .accountInvalid,
            detail: "debit_account: check digits"),
        Case(
            body: transfer(["credit_account": "\"DE89370400440532013000\""]),
            code: .accountInvalid, detail: "credit_account"),
        Case(body: transfer(["kind": "\"gift\""]), detail: "kind: one of transfer, deposit"),
        Case(body: transfer(["kind": nil]), detail: "kind is missing"),
        Case(body: transfer(["ammount": "\"5\""]), detail: "'ammount' is not expected"),
        Case(body: transfer(["hold": "\"\(id)\""]), detail: "'hold' is not expected"),
        Case(body: transfer(["\\u001b[2J": "1"]), detail: "'?[2J' is not expected"),
        Case(body: transfer(["memo": "\"\""]), detail: "memo"),
        Case(body: transfer(["memo": "\"\\u001b[31m\""]), detail: "memo"),
        Case(body: transfer(["memo": "\"a\\nb\""]), detail: "memo"),
        Case(
            body: transfer(["memo": "\"\(String(repeating: "ä", count: 141))\""]),
            detail: "at most 140"),
        Case(
            body: transfer(["memo": "\"\(String(repeating: "x", count: 1 << 20))\""]),
            code: .bodyTooLarge, detail: "65536 bytes"),
        Case(body: transfer(["kind": "\"hold\"", "expires_in": "0"]), detail: "expires_in"),
        Case(body: transfer(["kind": "\"hold\"", "expires_in": "1.5"]), detail: "expires_in"),
        Case(
            body: transfer(["kind": "\"hold\"", "expires_in": "99999999999999999999"]),
            detail: "expires_in"),
        Case(body: "", detail: "empty"), Case(body: "{", detail: "byte 2"),
        Case(body: "[]", detail: "JSON object"), Case(body: "null", detail: "JSON object"),
        Case(body: "{} {}", detail: "byte 4"), Case(body: "{\"id\":1,\"id\":2}", detail: "twice"),
        Case(body: String(repeating: "[", count: 60_000), detail: "nested"),
        Case(body: transfer([:]), type: nil, detail: "content-type"),
        Case(body: transfer([:]), type: "text/plain", detail: "content-type"),
        Case(body: transfer([:]), type: "application/jsonp", detail: "content-type"),
        Case(path: "/v1/transfers?dry_run=1", body: transfer([:]), detail: "query"),
        Case(path: "/v1/transfers/batch", body: "{\"transfers\":[]}", detail: "1 to 500"),
        Case(
            path: "/v1/transfers/batch", body: "{\"transfers\":[\(transfer([:]))]}",
            detail: "atomic is missing"),
        Case(
            path: "/v1/transfers/batch",
            body: "{\"atomic\":false,\"transfers\":[\(transfer([:])),\(transfer(["id": "\"\""]))]}",
            code: .idInvalid, detail: "transfers[1].id"),
        Case(
            path: "/v1/transfers/batch",
            body: "{\"atomic\":1,\"transfers\":[\(transfer([:]))]}", detail: "true or false"),
        Case(
            path: "/v1/transfers/batch",
            body: "{\"atomic\":true,\"transfers\":["
                + Array(repeating: "0", count: 501).joined(separator: ",") + "]}",
            detail: "1 to 500"),
        Case(
            path: "/v1/transfers/lookup", body: "{\"ids\":[\"x\"]}", code: .idInvalid,
            detail: "ids[0]"),
        Case(
            path: "/v1/accounts",
            body: "{\"id\":\"\(id)\",\"name\":\"A\",\"currency\":\"USD\","
                + "\"overdraft_limit\":\"-1\"}", detail: "not negative"),
        Case(
            path: "/v1/accounts", body: "{\"id\":\"\(id)\",\"currency\":\"USD\"}",
            detail: "name is missing"),
        Case(
            path: "/v1/accounts/XB46DEMO0000000017/close", body: "{\"id\":\"\(id)\"}",
            code: .accountInvalid, detail: "check digits"),
    ]

    @Test(.bank) func getsAProblemThatNamesIt() async throws {
        for bad in Self.cases {
            let answer = try await bank.post(bad.path, bad.body, type: bad.type)
            let name = Comment(rawValue: "\(bad.testDescription): \(answer.text)")
            let problem = try answer.problem
            #expect(problem.code == bad.code, name)
            #expect(problem.detail.contains(bad.detail), name)
            #expect(problem.detail.hasSuffix("."), name)
            #expect(problem.detail.utf8.allSatisfy { $0 >= 0x20 }, name)
        }
        #expect(fake.ledger.calls.isEmpty)
        let fine = try await bank.post(
            "/v1/transfers", Self.transfer([:]), type: "Application/JSON; charset=utf-8")
        #expect(fine.status == 200)
    }

    /// What the ledger refuses reaches it.
    @Test(arguments: ["0", "-1", "92233720368547758.07"])
    func leavesAmountsToTheLedger(amount: String) throws {
        let body = Self.transfer(["amount": "\"\(amount)\""])
        let request = try TransferSubmission(body: Array(body.utf8)).request
        guard case .transfer(_, _, let money) = request.action else {
            throw TestFailure("not a transfer")
        }
        #expect(money.decimalString.hasPrefix(amount))
    }
}

@Suite struct BodyLimitTests {
    static let head =
        "POST /v1/transfers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

    @Test(
        .bank {
            $0.maxInFlight = 1
            $0.httpLimits.bodyTime = .milliseconds(200)
        }) func aBodyThatNeverEndsHoldsNothingForLong() async throws
    {
        let answer = try await bank.exchange(
            Self.head + "grpc-timeout: 60S\r\nContent-Length: 100\r\n\r\n{")
        #expect(answer.hasPrefix("HTTP/1.1 504 "))
        #expect(answer.contains("deadline_exceeded"))
        #expect(answer.contains("connection: close"))
        let next = try await bank.transfer(Body.transfer())
        #expect(next.status == 200)
    }

    @Test(.bank) func aBodyWithoutALengthIsLimitedToo() async throws {
        let chunk = String(repeating: " ", count: 0x8000)
        let answer = try await bank.exchange(
            Self.head + "Transfer-Encoding: chunked\r\n\r\n"
                + String(repeating: "8000\r\n\(chunk)\r\n", count: 3) + "0\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 413 "))
        let batch = String(repeating: " ", count: 100_000)
        let list = try await bank.post("/v1/transfers/batch", batch).problem
        #expect(list.code == .requestInvalid)
        let large = try await bank.post(
            "/v1/transfers/batch", String(repeating: " ", count: 1_100_000)
        ).problem
        #expect(large.code == .bodyTooLarge)
    }

    @Test(.bank) func aConnectionIsKeptAfterABodyThatWasRead() async throws {
        let body = try Body.transfer()
        let request = Self.head + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        let answers = try await bank.exchange(request + request + last)
        #expect(answers.split(separator: "HTTP/1.1 200 OK").count == 3)
    }
}
