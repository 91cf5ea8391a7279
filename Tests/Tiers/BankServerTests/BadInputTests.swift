import BalanceAPI
import BankAPI
import Chain
import HTTPFront
import NIOCore
import NIOHTTP1
import Testing

@testable import BankServer

@Suite struct BadInputTests {
    /// A request, and the code of the problem it gets.
    struct Case: Sendable, CustomTestStringConvertible {
        var path = "/v1/accounts/\(FakeBalances.known)/balance"
        var method = HTTPMethod.GET
        var headers: HTTPHeaders = [:]
        var body: String?
        var code: ProblemCode

        var testDescription: String { "\(method) \(path.prefix(60)) → \(code.rawValue)" }
    }

    static let cases: [Case] = [
        Case(path: "/v1/accounts/XB46DEMO0000000017/balance", code: .accountInvalid),
        Case(path: "/v1/accounts/DE89370400440532013000", code: .accountInvalid),
        Case(path: "/v1/accounts/%00", code: .accountInvalid),
        Case(path: "/v1/accounts/%zz/balance", code: .accountInvalid),
        Case(path: "/v1/accounts/\(FakeBalances.unknown)", code: .accountUnknown),
        Case(path: "/v1/accounts?currency=XXQ", code: .currencyInvalid),
        Case(path: "/v1/accounts?currency=", code: .currencyInvalid),
        Case(path: "/v1/accounts?page_size=0", code: .pageSizeInvalid),
        Case(path: "/v1/accounts?page_size=501", code: .pageSizeInvalid),
        Case(path: "/v1/accounts?page_size=99999999999999999999", code: .pageSizeInvalid),
        Case(path: "/v1/accounts?page_size=ten", code: .pageSizeInvalid),
        Case(path: "/v1/accounts?page_token=bad", code: .pageTokenInvalid),
        Case(path: "/v1/accounts?page_token=", code: .pageTokenInvalid),
        Case(path: "/v1/accounts?page_size=+5", code: .pageSizeInvalid),
        Case(path: "/v1/accounts?page_size=-0", code: .pageSizeInvalid),
        Case(path: "/v1/accounts?limit=5", code: .requestInvalid),
        Case(path: "/v1/accounts?page_size=5&page_size=6", code: .requestInvalid),
        Case(headers: ["grpc-timeout": "5 s"], code: .timeoutInvalid),
        Case(headers: ["grpc-timeout": "999999999S"], code: .timeoutInvalid),
        Case(headers: ["grpc-timeout": "0m"], code: .deadlineExceeded),
        Case(body: "{}", code: .bodyNotAllowed),
        Case(headers: ["transfer-encoding": "chunked"], body: "{}", code: .bodyNotAllowed),
        Case(body: String(repeating: "x", count: 70_000), code: .bodyTooLarge),
        Case(path: "/" + String(repeating: "a", count: 3000), code: .pathTooLong),
        Case(path: "/v1/transfers/a/b", code: .routeUnknown),
        Case(path: "/v1/accounts/\(FakeBalances.known)/balance/now", code: .routeUnknown),
        Case(path: "/v1/transfers", code: .methodNotAllowed),
        Case(path: "/v1/transfers/batch", code: .methodNotAllowed),
        Case(path: "/v1/bank?verbose=1", code: .requestInvalid),
        Case(path: "/v1/audit?verbose", code: .requestInvalid),
        Case(path: "/v1/accounts/\(FakeBalances.known)?at=x", code: .requestInvalid),
        Case(path: "/v1/accounts/\(FakeBalances.known)/balance?at=today", code: .timeInvalid),
        Case(
            path: "/v1/accounts/\(FakeBalances.known)/balance?at_least_version=-1",
            code: .requestInvalid),
        Case(
            path: "/v1/accounts/\(FakeBalances.known)/balance"
                + "?at_least_version=1&at=2026-01-31T09:30:00Z",
            code: .requestInvalid),
        Case(
            path: "/v1/accounts/\(FakeBalances.known)/statement?from=2026-01-31",
            code: .timeInvalid),
        Case(
            path: "/v1/accounts/\(FakeBalances.known)/statement"
                + "?from=2026-01-31T09:30:00Z&to=2026-01-30T09:30:00Z",
            code: .timeInvalid),
        Case(
            path: "/v1/accounts/\(FakeBalances.known)/statement?page_size=0",
            code: .pageSizeInvalid),
        Case(path: "/v1/accounts/", code: .routeUnknown),
        Case(path: "/v1/accounts//balance", code: .routeUnknown),
        Case(path: "/v1/accounts/\(FakeBalances.known)/entries", code: .routeUnknown),
        Case(path: "/v1/accounts", method: .PUT, body: "{}", code: .methodNotAllowed),
        Case(path: "/healthz", method: .DELETE, code: .methodNotAllowed),
    ]

    @Test(.bank) func getsAProblem() async throws {
        for bad in Self.cases {
            let answer = try await bank.get(
                bad.path, method: bad.method, headers: bad.headers, body: bad.body)
            let name = Comment(rawValue: bad.testDescription)
            #expect(answer.status == bad.code.status, name)
            #expect(answer["content-type"] == Problem.mediaType, name)
            let problem = try answer.problem
            #expect(problem.code == bad.code, name)
            #expect(problem.status == answer.status, name)
            #expect(problem.title == bad.code.title, name)
            #expect(problem.type == "urn:problem:teller:\(bad.code.rawValue)", name)
            #expect(!problem.detail.isEmpty, name)
            let response = answer["traceresponse"] ?? ""
            #expect(problem.traceID == TraceContext(response)?.traceIDText, name)
        }
        // After all that, it still serves.
        #expect(try await bank.balance().status == 200)
    }

    /// Each parameter of each path: empty, without a value, twice, and on a path that does not have it.
    @Test(.bank) func aParameterThatIsThereIsRead() async throws {
        let (balance, statement) = (BankRoute.BalanceQuery.self, BankRoute.StatementQuery.self)
        let list = BankRoute.AccountsQuery.self
        let account = "/v1/accounts/\(FakeBalances.known)"
        let paths = [
            "/v1/accounts": [list.pageSize, list.pageToken, list.currency],
            "\(account)/balance": [balance.at, balance.atLeastVersion],
            "\(account)/statement": [
                statement.from, statement.to, statement.pageSize, statement.pageToken,
            ], account: [], "/v1/transfers/\(FakeLedger.id)": [], "/v1/bank": [], "/v1/audit": [],
        ]
        let values = [
            list.pageSize: "5", list.pageToken: "t", list.currency: "USD",
            balance.atLeastVersion: "1",
        ]
        let names = Set(paths.values.joined())
        for (path, own) in paths {
            for name in names {
                let one = "\(name)=\(values[name] ?? "2026-01-31T09:30:00Z")"
                let status = try await bank.get("\(path)?\(one)").status
                #expect(status == (own.contains(name) ? 200 : 400), "\(path)?\(one)")
                for query in ["\(name)=", name, "\(one)&\(one)", "\(one)&x=1", "=&\(one)"] {
                    let status = try await bank.get("\(path)?\(query)").status
                    #expect(status == 400, "\(path)?\(query)")
                }
            }
        }
    }

    @Test(.bank(services: 0)) func saysWhichMethodsThereAre() async throws {
        let answer = try await bank.get("/v1/accounts", method: .PUT)
        #expect(answer["allow"] == "GET, HEAD, POST")
        let other = try await bank.get("/v1/transfers")
        #expect(other["allow"] == "POST")
    }

    @Test(
        .bank(services: 0),
        arguments: [
            ("\u{16}\u{3}\u{1}hello\r\n\r\n", 400, "request_invalid"),
            ("GET / HTTP/7.9\r\n\r\n", 400, "request_invalid"),
            ("GET /healthz HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400, "request_invalid"),
            (
                "GET /healthz HTTP/1.1\r\nX: " + String(repeating: "a", count: 40_000), 431,
                "headers_too_large"
            ),
            (
                "GET /healthz HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 200) + "\r\n",
                431,
                "headers_too_large"
            ),
        ])
    func whatIsNotHTTPGetsAProblemAndTheDoor(text: String, status: Int, code: String) async throws {
        let answer = try await bank.exchange(text)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("\"code\":\"\(code)\""))
        #expect(answer.contains("application/problem+json"))
        #expect(try await bank.get("/healthz").status == 200)
    }

    /// Slow-loris: a head that never ends holds its connection no longer than an idle one.
    @Test(.bank(services: 0) { $0.httpLimits.idleTime = .milliseconds(100) })
    func aRequestThatNeverEndsLosesItsConnection() async throws {
        // On a slow machine the server may hang up before this has written: as good.
        let answer = try? await bank.exchange("GET /healthz HTTP/1.1\r\nX: y")
        #expect(answer?.isEmpty ?? true)
    }

    @Test(.bank) func aDeadlineOfYearsIsCut() async throws {
        let answer = try await bank.balance(timeout: "99999999H")
        #expect(answer.status == 200)
        let timeout = try #require(fake.calls.last?.queries.first?.context.timeoutMicroseconds)
        #expect(timeout <= UInt64(Deadline.longest.wholeMicroseconds))
    }
}
