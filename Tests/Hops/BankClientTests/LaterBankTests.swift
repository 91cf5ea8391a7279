import BankAPI
import Ledger
import NIOCore
import TestSupport
import Testing

@testable import BankClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a later bank says and this client does not know: it is read as such, and fails nothing else.
@Suite struct LaterBankTests {
    @Test(arguments: [
        (422, true), (400, false), (403, false), (409, false),
    ])
    func aCodeThatIsNotKnownIsWhatItsStatusSays(status: Int, isRefused: Bool) {
        let error = BankClientError(.notABank("x"))
        let code = ProblemCode(rawValue: "account_frozen")
        switch Written<Transfer>(error, code: code, status: status) {
        case .refused(code, _): #expect(isRefused)
        case .nothingDone(code, _): #expect(!isRefused)
        case let other: Issue.record("\(other)")
        }
        guard case .unknown = Written<Transfer>(error, code: code, status: 503) else {
            Issue.record("a later tier's failure is no promise")
            return
        }
    }

    @Test func kindsAndRefusalsOfALaterLedgerAreRead() throws {
        let json = """
            {"id":"0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55","kind":"void",\
            "hold":"0197f3c2-5b1e-7c40-9d2a-000000000001","refusal":"hold_frozen",\
            "created_at":"2026-01-31T09:30:00Z"}
            """
        let decoder = BankJSON.decoder()
        let refused = try decoder.decode(Transfer.self, from: .init(json.utf8))
        #expect(refused.refusal == "hold_frozen")
        #expect(!refused.isDone)
        let other = try decoder.decode(
            Transfer.self,
            from: .init(json.replacing(#""void""#, with: #""direct_debit""#).utf8))
        #expect(other.record == nil)
        let reader = try AnswerReader.sample()
        let hold = try #require(Identifier("0197f3c2-5b1e-7c40-9d2a-000000000001"))
        let request = TransferRequest(id: refused.id, action: .void(hold: hold))
        guard case .refused(let code, let error) = reader.result(refused, of: request) else {
            Issue.record("a refusal is final")
            return
        }
        #expect(code.rawValue == "hold_frozen")
        #expect(!code.isKnown)
        #expect(error.reason == .refused(code))
    }

    @Test func aProblemOfALaterCodeAndTierIsThatProblem() throws {
        let json = """
            {"type":"urn:problem:teller:vault_closed","title":"Closed","status":422,\
            "detail":"Until Monday.","code":"vault_closed","tier":"vault","weekday":"monday"}
            """
        let result: Written<Transfer> = try AnswerReader.sample().result(
            answer(422, Problem.mediaType, json), as: Transfer.self)
        guard case .refused(let code, let error) = result,
            case .problem(let problem, 422) = error.reason
        else {
            Issue.record("\(result)")
            return
        }
        #expect(code.rawValue == "vault_closed")
        #expect(error.isRefusal && error.code == code)
        #expect(problem.tier.rawValue == "vault" && problem.detail == "Until Monday.")
    }

    @Test func oneMemberThatIsNotKnownSpoilsNoOther() throws {
        let requests = try (1...3).map { low in
            TransferRequest(
                id: Identifier(high: 0x0197_0000_0000_7000, low: 1 << 63 | low),
                action: .deposit(
                    credit: try AccountNumber(bank: "DEMO", number: 1),
                    amount: Money(minorUnits: 500, currency: .usd)))
        }
        let encoded = try requests.map { request in
            String(
                decoding: try BankJSON.encode(Transfer(RecordedTransfer.sample(of: request))),
                as: UTF8.self)
        }
        let json = """
            {"outcomes":[{"transfer":\(encoded[0])},{"gift":{}},{"problem":{"code":"later","status":409}}]}
            """
        let reader = try AnswerReader.sample()
        let batch = try reader.value(
            answer(200, "application/json", json), as: TransferBatchAnswer.self)
        let results = reader.results(batch, of: requests, areLinked: false)
        guard case .done = results[0], case .unknown = results[1],
            case .nothingDone(ProblemCode(rawValue: "later"), _) = results[2]
        else {
            Issue.record("\(results)")
            return
        }
    }

    private func answer(_ status: Int, _ mediaType: String, _ body: String) -> RawAnswer {
        RawAnswer(
            status: status, mediaType: mediaType, serverTiming: "", retryAfter: nil,
            body: ByteBuffer(string: body))
    }
}
