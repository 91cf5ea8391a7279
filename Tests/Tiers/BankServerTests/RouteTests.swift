import BalanceAPI
import BankAPI
import Chain
import Foundation
import GRPCCore
import Ledger
import NIOHTTP1
import Testing

@testable import BankServer

@Suite struct RouteTests {
    @Test(.bank) func answersABalance() async throws {
        let answer = try await bank.balance()
        #expect(answer.status == 200)
        #expect(answer["content-type"] == "application/json")
        #expect(answer["cache-control"] == "no-store")
        let balance = try answer.decode(Balance.self)
        #expect(balance.account.compact == FakeBalances.known)
        #expect(balance.balance.minorUnits == 123_456)
        #expect(balance.name == "Alice, \"everyday\"")
        #expect(try BankJSON.encode(balance) == answer.body)
    }

    @Test(.bank) func answersAnAccountHoweverItsNumberIsWritten() async throws {
        let answer = try await bank.get("/v1/accounts/xb45%20demo%200000%200000%2017")
        let account = try answer.decode(Account.self)
        #expect(account.account.compact == FakeBalances.known)
        #expect(account.overdraftLimit?.minorUnits == 0)
        #expect(account.closedAt == nil)
        #expect(account.openedAt.microseconds == 1_700_000_000_000_000)
    }

    @Test(.bank) func answersAPageOfAccounts() async throws {
        let answer = try await bank.get("/v1/accounts?page_size=7&page_token=a%2Bb&currency=usd")
        #expect(answer.status == 200)
        let page = try answer.decode(AccountsPage.self)
        #expect(page.accounts.map(\.account.compact) == [FakeBalances.known])
        #expect(page.nextPageToken == "next")
        let asked = try #require(fake.lists.last)
        #expect(asked.pageSize == 7)
        #expect(asked.pageToken == "a+b")
        #expect(asked.currency == "USD")
    }

    @Test(.bank) func answersHeadWithoutABody() async throws {
        let path = "/v1/accounts/\(FakeBalances.known)/balance"
        let answer = try await bank.get(path, method: .HEAD)
        #expect(answer.status == 200)
        #expect(answer.body.isEmpty)
        let length = try await bank.get(path).body.count
        #expect(answer["content-length"] == "\(length)")
    }

    @Test(.bank) func saysThatItLivesAndIsReady() async throws {
        #expect(try await bank.get("/healthz").status == 200)
        let answer = try await bank.get("/readyz")
        let readiness = try answer.decode(Readiness.self)
        #expect(answer.status == 200)
        #expect(readiness.status == "ready")
        #expect(readiness.balanceServices.map(\.name) == ["balance-service 1"])
        // Where they are is nobody's business but the log's.
        let service = try #require(bank.balanceServices.first)
        #expect(!answer.text.contains(service.host))
        #expect(!answer.text.contains("\(service.port)"))
        #expect(await ReadinessProbe(server: bank.address).isReady())
    }
}

@Suite struct TraceTests {
    static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"

    @Test(.bank) func nestsWhatTheTiersSpent() async throws {
        let answer = try await bank.balance(headers: [
            "traceparent": "\(Self.parent)1", "tracestate": "a=1",
        ])
        let header = try #require(answer["server-timing"])
        let metrics = ServerTiming(parsing: header).metrics
        #expect(metrics.map(\.name) == ["bank-server", "balance-service", "postgresql"])
        #expect(metrics.map(\.detail) == ["GetBalances", "balances", "SELECT, 1"])
        #expect(metrics[0].duration > .zero)

        let response = try #require(answer["traceresponse"])
        let trace = try #require(TraceContext(response))
        #expect(trace.traceIDText == "0af7651916cd43dd8448eb211c80319c")
        let call = try #require(fake.calls.last)
        let sent = call.queries.compactMap { TraceContext($0.context.traceparent) }
        #expect(sent.map(\.traceIDText) == [trace.traceIDText])
        // It is one caller's among those of a stream.
        #expect(call.metadata[stringValues: "traceparent"].first { _ in true } == nil)
        #expect(sent.first?.spanID != trace.spanID)
        #expect(call.queries.map(\.context.tracestate) == ["a=1"])
    }

    @Test(.bank) func keepsATraceThatIsNotSampledToItself() async throws {
        let answer = try await bank.balance(headers: ["traceparent": "\(Self.parent)0"])
        #expect(answer["server-timing"] == nil)
        let response = try #require(answer["traceresponse"])
        #expect(response.contains("0af7651916cd43dd8448eb211c80319c"))
        #expect(fake.calls.last?.queries.map(\.context.traceparent) == [""])
    }

    @Test(.bank(services: 0)) func startsATraceInPlaceOfAMalformedOne() async throws {
        let answer = try await bank.get("/healthz", headers: ["traceparent": "00-zz-1-01"])
        let response = try #require(answer["traceresponse"])
        #expect(TraceContext(response)?.isSampled == false)
    }
}
