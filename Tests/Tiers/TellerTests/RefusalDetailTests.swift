import BankAPI
import Ledger
import Testing

@testable import Teller

/// A refusal says which account it is about, what there is, and what was asked.
@Suite struct RefusalDetailTests {
    private func account(
        _ number: Int64, balance: Int64 = 0, held: Int64 = 0, limit: Int64 = 0,
        _ currency: Currency = .usd, isClosed: Bool = false
    ) throws -> Account {
        Account(
            account: try AccountNumber(bank: "DEMO", number: number), name: "A",
            balance: Money(minorUnits: balance, currency: currency),
            held: Money(minorUnits: held, currency: currency),
            overdraftLimit: Money(minorUnits: limit, currency: currency), version: 1,
            openedAt: Timestamp(microseconds: 0),
            closedAt: isClosed ? Timestamp(microseconds: 1) : nil)
    }

    private func words(_ refusal: Refusal, _ accounts: [Account?]) throws -> String? {
        RefusalDetail.words(
            refusal, accounts, paying: try AccountNumber(bank: "DEMO", number: 2),
            Money(minorUnits: 25_000, currency: .usd))
    }

    @Test func saysWhatIsAvailable() throws {
        let name = "XB62 DEMO 0000 0000 02"
        #expect(
            try words(.insufficientFunds, [account(3), account(2, balance: 1500, held: 300)])
                == "\(name) has USD 12.00 available, but USD 250.00 was requested")
        #expect(
            try words(.insufficientFunds, [account(2, balance: 1200, limit: 10_000)])
                == "\(name) has USD 12.00 available, 112.00 with its overdraft limit, but USD 250.00 "
                + "was requested")
        #expect(
            try words(.insufficientFunds, [account(2, balance: 25_000)])
                == "\(name) did not have enough for USD 250.00: it has USD 250.00 available now")
        #expect(try words(.insufficientFunds, [nil, nil]) == nil)
    }

    @Test func whatIsAvailableIsSeenWithTheLimit() throws {
        let accounts = [try account(2, balance: -1200, limit: 10_000), try account(3, balance: 5)]
        let table = AccountsView(accounts: accounts).text(on: Terminal(isTerminal: false))
        #expect(
            table == """
                ACCOUNT                  NAME   CUR   BALANCE   AVAILABLE    LIMIT
                XB62 DEMO 0000 0000 02   A      USD    -12.00      -12.00   100.00
                \(accounts[1].account.grouped)   A      USD      0.05        0.05

                """)
        let plain = AccountsView(accounts: [accounts[1]]).text(on: Terminal(isTerminal: false))
        #expect(!plain.contains("AVAILABLE"))
    }

    @Test func namesTheAccountThatIsClosedOrOfAnotherCurrency() throws {
        #expect(
            try words(.accountClosed, [account(2), account(3, isClosed: true)])
                == "\(account(3).account.grouped) is closed")
        #expect(
            try words(.currencyMismatch, [account(2), account(3, .eur)])
                == "\(account(3).account.grouped) is in EUR, but USD 250.00 was requested")
        #expect(try words(.sameAccount, [account(2)]) == nil)
    }
}
