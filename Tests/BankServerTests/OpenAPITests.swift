import BankAPI
import Chain
import Ledger
import NIOHTTP1
import Testing

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
        let routes = [
            BankRoute.accounts, BankRoute.account(number), BankRoute.balance(of: number),
            BankRoute.health, BankRoute.readiness, BankRoute.openAPI,
        ]
        let templates = routes.map { $0.replacing(number.compact, with: "{account}") }
        #expect(Set(description["paths"]?.keys ?? []) == Set(templates))
        for template in templates {
            let path = template.replacing("{account}", with: number.compact)
            #expect(MatchedRoute(path: path) != nil)
            #expect(description["paths"]?[template]?.keys == ["get"])
        }
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
                    ("Readiness", "/readyz"), ("Problem", "/none"),
                ] {
                    answers.append((schema, try await bank.get(path).text))
                }
                return answers
            }
        }
        for (schema, text) in answers {
            let json = try #require(
                try JSONSerializationSubset.keys(of: text), Comment(rawValue: text))
            let described = description["components"]?["schemas"]?[schema]
            let properties = Set(described?["properties"]?.keys ?? [])
            let required = Set(described?["required"]?.items.compactMap(\.text) ?? [])
            #expect(json.isSubset(of: properties), Comment(rawValue: schema))
            #expect(required.isSubset(of: json), Comment(rawValue: schema))
        }
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
