import BankAPI
import Chain
import Ledger
import NIOHTTP1
import Testing

@testable import BalanceClient
@testable import BankServer

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The description and the code say the same.
@Suite struct OpenAPITests {
    let description: YAMLSubset

    init() throws {
        description = try YAMLSubset(parsing: String(decoding: BankOpenAPI.yaml, as: UTF8.self))
    }

    @Test func isOpenAPI31() {
        #expect(description["openapi"]?.text == "3.1.0")
    }

    @Test func describesEveryRouteAndNoOther() throws {
        let number = try AccountNumber(FakeBalances.known)
        let id = FakeLedger.id
        let routes = [
            BankRoute.accounts, BankRoute.account(number), BankRoute.balance(of: number),
            BankRoute.statement(of: number), BankRoute.close(number), BankRoute.transfers,
            BankRoute.transferBatch, BankRoute.transferLookup, BankRoute.transfer(id),
            BankRoute.bank, BankRoute.audit, BankRoute.health, BankRoute.readiness,
            BankRoute.openAPI,
        ]
        var templates: Set<String> = []
        for path in routes {
            let template = path.replacing(number.compact, with: "{account}")
                .replacing(id.description, with: "{id}")
            templates.insert(template)
            let methods = try #require(MatchedRoute(path: path)).methods.filter { $0 != .HEAD }
            let described = description["paths"]?[template]?.keys ?? []
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
    }

    @Test func describesTheLimitsOfBodies() {
        let schemas = description["components"]?["schemas"]
        let transfers = schemas?["TransferBatch"]?["properties"]?["transfers"]
        #expect(transfers?["maxItems"]?.text == "\(TransferBatch.limit)")
        let ids = schemas?["TransferLookup"]?["properties"]?["ids"]
        #expect(ids?["maxItems"]?.text == "\(TransferLookup.limit)")
        let seconds = schemas?["TransferRequest"]?["properties"]?["expires_in"]
        #expect(seconds?["maximum"]?.text == "\(TransferRequest.holdSeconds.upperBound)")
        #expect(seconds?["default"]?.text == "\(TransferRequest.defaultHoldSeconds)")
        #expect(schemas?["ShortText"]?["maxLength"]?.text == "\(ShortText.longest)")
        #expect(
            schemas?["TransferKind"]?["enum"]?.items.compactMap(\.text)
                == TransferKind.allCases.map(\.rawValue))
    }

    @Test func describesTheParameters() throws {
        let accounts = description["paths"]?[BankRoute.accounts]?["get"]?["parameters"]
        let names = try #require(accounts?.items).compactMap { resolved($0)?["name"]?.text }
        let query = BankRoute.AccountsQuery.self
        #expect(
            Set(names) == [
                query.pageSize, query.pageToken, query.currency, GRPCTimeout.headerName,
                TraceContext.headerName,
            ])
        let size = description["components"]?["parameters"]?[query.pageSize]?["schema"]
        #expect(size?["default"]?.text == "\(BankRoute.defaultPageSize)")
        #expect(size?["maximum"]?.text == "\(BankRoute.largestPageSize)")
    }

    @Test func describesEveryProblem() {
        let schema = description["components"]?["schemas"]?["ProblemCode"]
        #expect(schema?["enum"]?.items.compactMap(\.text) == ProblemCode.allCases.map(\.rawValue))
        for code in ProblemCode.allCases {
            #expect(schema?["x-status"]?[code.rawValue]?.text == "\(code.status)")
        }
        #expect(schema?["x-status"]?.keys.count == ProblemCode.allCases.count)
        for condition in [BalanceServiceCondition.notConnected, .databaseUnavailable] {
            let states = description["components"]?["schemas"]?["ReadinessOfBalanceService"]?[
                "properties"]?["status"]?["enum"]?.items.compactMap(\.text)
            #expect(states?.contains(condition.description) == true)
        }
    }

    @Test func describesWhatIsAnswered() async throws {
        let fake = FakeBalances()
        let answers = try await fake.serve { address in
            try await TestBank.run([address]) { bank in
                let yaml = try await bank.get("/openapi.yaml")
                #expect(yaml.body == BankOpenAPI.yaml)
                #expect(yaml.headers.first(name: "content-type") == "application/yaml")
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
                    (
                        "TransferBatchAnswer", "/v1/transfers/batch",
                        try Body.batch([id], atomic: true)
                    ),
                    ("TransferLookupAnswer", "/v1/transfers/lookup", #"{"ids":["\#(id)"]}"#),
                ] {
                    answers.append((schema, try await bank.post(path, body).text))
                }
                return answers
            }
        }
        for (schema, text) in answers { try expect(text, fits: schema) }
    }

    private func expect(
        _ text: String, fits schema: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let json = try #require(
            try JSONSerializationSubset.keys(of: text), Comment(rawValue: text))
        let described = description["components"]?["schemas"]?[schema]
        let properties = Set(described?["properties"]?.keys ?? [])
        let required = Set(described?["required"]?.items.compactMap(\.text) ?? [])
        #expect(json.isSubset(of: properties), "\(schema)", sourceLocation: location)
        #expect(required.isSubset(of: json), "\(schema)", sourceLocation: location)
    }

    @Test func everyReferenceLeadsSomewhere() {
        for reference in description.references {
            #expect(target(of: reference) != nil, Comment(rawValue: reference))
        }
    }

    private func resolved(_ node: YAMLSubset) -> YAMLSubset? {
        node["$ref"]?.text.map { target(of: $0) } ?? node
    }

    private func target(of reference: String) -> YAMLSubset? {
        reference.split(separator: "/").dropFirst().reduce(description as YAMLSubset?) {
            $0?[String($1)]
        }
    }
}

/// The keys of a JSON object.
enum JSONSerializationSubset {
    private struct Keys: Decodable {
        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        let names: [String]

        init(from decoder: any Decoder) throws {
            names = try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue)
        }
    }

    static func keys(of text: String) throws -> Set<String>? {
        Set(try JSONDecoder().decode(Keys.self, from: Data(text.utf8)).names)
    }
}
