import BankAPI
import Ledger
import NIOCore
import TestSupport
import Testing

@testable import BankServer

/// Bodies that are written by hand, as texts: no reader of ours stands between.
struct WrittenBodyTests {
    private let alice = "XB45DEMO0000000017"

    @Test func aBalanceOfWhichSomeIsHeld() throws {
        let balance = Balance(
            account: try AccountNumber(alice), name: "Alice's \"every\"day",
            balance: Money(minorUnits: 123_456, currency: .usd),
            held: Money(minorUnits: 3_456, currency: .usd), version: 4)
        #expect(
            String(buffer: balance.json)
                == #"{"account":"XB45DEMO0000000017","available":"1200.00","#
                + #""balance":"1234.56","currency":"USD","held":"34.56","#
                + #""name":"Alice's \"every\"day","version":4}"#)
    }

    @Test func aClosedBalance() throws {
        let balance = Balance(
            account: try AccountNumber(alice), name: "Alice",
            balance: Money(minorUnits: 0, currency: .usd), held: nil, version: 9,
            closedAt: Timestamp("2026-01-31T09:30:00Z"))
        #expect(
            String(buffer: balance.json) == #"{"account":"XB45DEMO0000000017","balance":"0.00","#
                + #""closed_at":"2026-01-31T09:30:00.000000Z","currency":"USD","#
                + #""name":"Alice","version":9}"#)
    }

    @Test func aHold() throws {
        let id = try #require(Identifier("01a212be-f4b8-78df-af74-ecd55fd0e711"))
        let action = TransferRequest.Action.hold(
            debit: try AccountNumber(alice), credit: try AccountNumber("XB18DEMO0000000018"),
            amount: Money(minorUnits: 500, currency: .usd), seconds: 60)
        let hold = Transfer(.sample(of: TransferRequest(id: id, action: action)))
        #expect(
            String(buffer: hold.json)
                == #"{"amount":"5.00","created_at":"2026-01-31T09:30:00.000000Z","#
                + #""credit_account":"XB18DEMO0000000018","currency":"USD","#
                + #""debit_account":"XB45DEMO0000000017","#
                + #""expires_at":"2026-01-31T09:31:00.000000Z","expires_in":60,"#
                + #""id":"01a212be-f4b8-78df-af74-ecd55fd0e711","kind":"hold"}"#)
    }

    /// Such an answer would say that it may be asked again.
    @Test func aRefusalWithTheNameOfSomethingElseIsNone() {
        #expect(Problem.refused("overloaded").code == .internal)
        #expect(Problem.refused("a_code_of_tomorrow").status == 422)
    }
}
