import BankAPI
import Chain
import Foundation
import Ledger
import NIOHTTP1
import Testing
import Yams

@testable import BalanceClient
@testable import BankServer

/// The description and the code say the same.
@Suite struct OpenAPITests {
    let description: Node

    init() throws {
        description = try #require(
            try Yams.compose(yaml: String(decoding: BankOpenAPI.yaml, as: UTF8.self)))
    }

    private var schemas: Node? { description["components"]?["schemas"] }

    @Test func isOpenAPI31() {
        #expect(description["openapi"]?.string == "3.1.0")
    }

    @Test func describesEveryRouteAndNoOther() throws {
        let number = try AccountNumber(FakeBalances.known)
        let id = FakeLedger.id
        let routes = [
            BankRoute.accounts, BankRoute.account(number), BankRoute.balance(of: number),
            BankRoute.statement(of: number), BankRoute.close(number), BankRoute.transfers,
            BankRoute.transferBatch, BankRoute.transferLookup, BankRoute.transfer(id),
            BankRoute.bank, BankRoute.audit, BankRoute.sessions, BankRoute.currentSession,
            BankRoute.me, BankRoute.password, BankRoute.users, BankRoute.disable("zoe"),
            BankRoute.reset("zoe"), BankRoute.securityLog, BankRoute.health, BankRoute.readiness,
            BankRoute.openAPI,
        ]
        var templates: Set<String> = []
        for path in routes {
            let template = path.replacing(number.compact, with: "{account}")
                .replacing(id.description, with: "{id}")
                .replacing("/current", with: "/{session}").replacing("/zoe/", with: "/{user}/")
            templates.insert(template)
            let methods = try #require(MatchedRoute(path: path)).methods.filter { $0 != .HEAD }
            let described = description["paths"]?[template]?.keys
            #expect(described == methods.map { $0.rawValue.lowercased() }, Comment(rawValue: path))
        }
        #expect(Set(description["paths"]?.keys ?? []) == templates)
    }

    /// Each body as BankAPI writes it has only the members that are described, and is read.
    @Test func describesTheBodies() throws {
        let (account, id) = (try AccountNumber(FakeBalances.known), FakeLedger.id)
        let amount = Money(minorUnits: 5, currency: .usd)
        let actions: [TransferRequest.Action] = [
            .transfer(debit: account, credit: account, amount: amount),
            .deposit(credit: account, amount: amount), .withdrawal(debit: account, amount: amount),
            .hold(debit: account, credit: account, amount: amount, seconds: 60),
            .post(hold: id, amount: amount), .post(hold: id, amount: nil), .void(hold: id),
            .reversal(of: id),
        ]
        for action in actions {
            let request = TransferRequest(id: id, action: action, memo: try ShortText("rent"))
            let submission = TransferSubmission(request, ledger: id)
            let text = try Body.json(submission)
            try expect(text, fits: "TransferSubmission")
            #expect(try TransferSubmission(body: Array(text.utf8)) == submission)
            try expect(try Body.json(request), fits: "TransferRequest")
            let batch = TransferBatch(ledger: id, atomic: true, transfers: [request])
            try expect(try Body.json(batch), fits: "TransferBatch")
            #expect(try TransferBatch(body: BankJSON.encode(batch)) == batch)
        }
        let lookup = TransferLookup(ids: [id])
        try expect(try Body.json(lookup), fits: "TransferLookup")
        #expect(try TransferLookup(body: BankJSON.encode(lookup)) == lookup)
        let open = OpenAccount(
            id: id, ledger: id, name: try ShortText("Ann"), overdraftLimit: amount)
        try expect(try Body.json(open), fits: "OpenAccount")
        #expect(try OpenAccount(body: BankJSON.encode(open)) == open)
        let close = CloseAccount(id: id, ledger: id)
        try expect(try Body.json(close), fits: "CloseAccount")
        #expect(try CloseAccount(body: BankJSON.encode(close)) == close)
        let logIn = LogIn(
            user: "ann", password: Secret(" a\n"), client: try ShortText("teller 0.1.0"))
        try expect(try Body.json(logIn), fits: "LogIn")
        #expect(try LogIn(body: BankJSON.encode(logIn)) == logIn)
        let change = ChangePassword(oldPassword: Secret("a"), newPassword: Secret("b"))
        try expect(try Body.json(change), fits: "ChangePassword")
        #expect(try ChangePassword(body: BankJSON.encode(change)) == change)
        let add = AddUser(user: "ann", rights: .operator)
        try expect(try Body.json(add), fits: "AddUser")
        #expect(try AddUser(body: BankJSON.encode(add)) == add)
        #expect(try UserAct(body: BankJSON.encode(UserAct())) == UserAct())
    }

    @Test func describesTheLimitsOfBodies() {
        let transfers = schemas?["TransferBatch"]?["properties"]?["transfers"]
        #expect(transfers?["maxItems"]?.string == "\(TransferBatch.limit)")
        let ids = schemas?["TransferLookup"]?["properties"]?["ids"]
        #expect(ids?["maxItems"]?.string == "\(TransferLookup.limit)")
        let seconds = schemas?["TransferRequest"]?["properties"]?["expires_in"]
        #expect(seconds?["maximum"]?.string == "\(TransferRequest.holdSeconds.upperBound)")
        #expect(seconds?["default"]?.string == "\(TransferRequest.defaultHoldSeconds)")
        #expect(schemas?["ShortText"]?["maxLength"]?.string == "\(ShortText.longest)")
        #expect(schemas?["TransferKind"]?["enum"]?.texts == TransferKind.allCases.map(\.rawValue))
    }

    @Test func describesTheParameters() throws {
        let accounts = description["paths"]?[BankRoute.accounts]?["get"]?["parameters"]
        let names = try #require(accounts?.sequence).compactMap { resolved($0)?["name"]?.string }
        let query = BankRoute.AccountsQuery.self
        #expect(
            Set(names) == [
                query.pageSize, query.pageToken, query.currency, GRPCTimeout.headerName,
                TraceContext.headerName,
            ])
        let size = description["components"]?["parameters"]?[query.pageSize]?["schema"]
        #expect(size?["default"]?.string == "\(BankRoute.defaultPageSize)")
        #expect(size?["maximum"]?.string == "\(BankRoute.largestPageSize)")
    }

    @Test func describesEveryProblem() {
        let schema = schemas?["ProblemCode"]
        #expect(schema?["enum"]?.texts == ProblemCode.allCases.map(\.rawValue))
        for code in ProblemCode.allCases {
            #expect(schema?["x-status"]?[code.rawValue]?.string == "\(code.status)")
        }
        #expect(schema?["x-status"]?.keys?.count == ProblemCode.allCases.count)
        for condition in [
            BalanceServiceCondition.notConnected, .certificateNotAccepted, .databaseUnavailable,
            .demoPeople,
        ] {
            let states = schemas?["ReadinessOfBalanceService"]?[
                "properties"]?["status"]?["enum"]?.texts
            #expect(states?.contains(condition.description) == true)
        }
    }

    @Test(.bank) func describesWhatIsAnswered() async throws {
        let yaml = try await bank.get("/openapi.yaml")
        #expect(yaml.body == BankOpenAPI.yaml)
        #expect(yaml["content-type"] == "application/yaml")
        let account = "/v1/accounts/\(FakeBalances.known)"
        var answers: [(String, String)] = []
        for (schema, path) in [
            ("Account", account), ("Balance", "\(account)/balance"),
            ("AccountsPage", "/v1/accounts"), ("Health", "/healthz"),
            ("StatementPage", "\(account)/statement"), ("Bank", "/v1/bank"),
            ("AuditReport", "/v1/audit"), ("Readiness", "/readyz"), ("Problem", "/none"),
        ] {
            answers.append((schema, try await bank.get(path).text))
        }
        let id = Body.newID()
        for (schema, path, body) in [
            ("Transfer", "/v1/transfers", try Body.transfer(id, memo: "rent")),
            ("TransferBatchAnswer", "/v1/transfers/batch", try Body.batch([id], atomic: true)),
            ("TransferLookupAnswer", "/v1/transfers/lookup", #"{"ids":["\#(id)"]}"#),
        ] {
            answers.append((schema, try await bank.post(path, body).text))
        }
        for (schema, text) in answers { try expect(text, fits: schema) }
    }

    /// Has only the members that are described, and all that are required.
    func expect(
        _ text: String, fits schema: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let members = Set(try #require(json, Comment(rawValue: text)).keys)
        let described = schemas?[schema]
        let properties = Set(described?["properties"]?.keys ?? [])
        let required = Set(described?["required"]?.texts ?? [])
        #expect(members.isSubset(of: properties), "\(schema)", sourceLocation: location)
        #expect(required.isSubset(of: members), "\(schema)", sourceLocation: location)
    }

    @Test func everyReferenceLeadsSomewhere() {
        let references = references(in: description)
        #expect(!references.isEmpty)
        for reference in references {
            #expect(target(of: reference) != nil, Comment(rawValue: reference))
        }
    }

    private func references(in node: Node) -> [String] {
        switch node {
        case .mapping(let members):
            members.flatMap { key, value in
                key.string == "$ref" ? [value.string ?? ""] : references(in: value)
            }
        case .sequence(let items): items.flatMap { references(in: $0) }
        case .scalar, .alias: []
        }
    }

    private func resolved(_ node: Node) -> Node? {
        node["$ref"]?.string.map { target(of: $0) } ?? node
    }

    private func target(of reference: String) -> Node? {
        reference.split(separator: "/").dropFirst().reduce(description as Node?) {
            $0?[String($1)]
        }
    }
}

extension Node {
    /// The keys of a mapping, in order.
    fileprivate var keys: [String]? { mapping?.keys.compactMap(\.string) }

    /// The scalars of a sequence.
    fileprivate var texts: [String]? { sequence?.compactMap(\.string) }
}
