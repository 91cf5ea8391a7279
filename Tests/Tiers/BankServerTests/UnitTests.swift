import ArgumentParser
import BalanceAPI
import BankAPI
import Chain
import Foundation
import Ledger
import Logging
import NIOCore
import Testing

@testable import BankServer

@Suite struct BalanceJSONTests {
    @Test(arguments: [
        "Alice, everyday", "", "quote \" backslash \\ slash /", "\u{0}\u{1}\u{8}\t\n\u{c}\r\u{1f}",
        "Zoë 🏦 日本 \u{7f}\u{2028}",
    ])
    func writesWhatTheEncoderWrites(name: String) throws {
        for minorUnits in [Int64.min, -1, 0, 5, 123_456, .max] {
            for currency in [Currency.usd, .jpy, .kwd] {
                let balance = Balance(
                    account: try AccountNumber(FakeBalances.known), name: name,
                    balance: Money(minorUnits: minorUnits, currency: currency),
                    held: Money(minorUnits: 5, currency: currency), version: .max)
                let bytes = Array(balance.json.readableBytesView)
                #expect(try bytes == BankJSON.encode(balance))
                #expect(try BankJSON.decoder().decode(Balance.self, from: Data(bytes)) == balance)
            }
        }
    }
}

@Suite struct ConfigurationTests {
    @Test func takesFlags() throws {
        let command = try ServeCommand.parse([
            "--listen", "[::1]:0", "--balance-service", "a:1", "--balance-service", "b:2",
            "--max-in-flight", "5", "--log-level", "debug", "--host-name", "Bank.example",
            "--host-name", "bank-server",
        ])
        let configuration = try AppConfiguration(command)
        #expect(configuration.listen == HostAndPort(host: "::1", port: 0))
        #expect(configuration.balanceServices.map(\.description) == ["a:1", "b:2"])
        #expect(configuration.maxInFlight == 5)
        #expect(configuration.hostNames == ["bank.example", "bank-server"])
        #expect(configuration.logLevel == .debug)
    }

    @Test(arguments: [
        ["--listen", "8080"], ["--listen", "a:99999"], ["--balance-service", "a"],
        ["--balance-service", "a:0"], ["--log-level", "loud"], ["--max-in-flight", "0"],
        ["--batches-in-flight", "-1"], ["--write-batches-in-flight", "0"],
        ["--host-name", "a:80"],
        ["--host-name", "a,,b"], ["--host-name", "127.0.0.1"], ["--host-name", "a,\u{301}b"],
        ["--balance-service", "a:1,\u{301}b:2"], ["--max-in-flight", "5\u{301}"],
    ])
    func refusesWhatIsNoValue(arguments: [String]) throws {
        // argument-parser takes a word that begins with a dash for a flag.
        let joined = [arguments.joined(separator: "=")]
        let command = try ServeCommand.parse(joined)
        let error = #expect(throws: SettingError.self) { try AppConfiguration(command) }
        #expect(error?.isFlag == true)
        #expect(error?.source == arguments[0])
    }
}

@Suite struct AccountMappingTests {
    @Test func aBalanceTellsWhenItsAccountWasClosed() throws {
        var account = Teller_Balance_V1_Account()
        account.account = FakeBalances.known
        account.currency = "USD"
        #expect(try Balance(account).closedAt == nil)
        account.closedAtMicroseconds = 1_700_000_000_123_456
        #expect(try Balance(account).closedAt?.microseconds == 1_700_000_000_123_456)
    }

    /// Times of accounts are as exact as all others: the bank's own is one that it can be asked about.
    @Test func theTimesOfAnAccountKeepTheirMicroseconds() throws {
        var account = Teller_Balance_V1_Account()
        account.account = FakeBalances.known
        account.currency = "USD"
        account.openedAtMicroseconds = 1_700_000_000_000_001
        account.closedAtMicroseconds = 1_700_000_000_999_999
        let answer = try Account(account)
        let json = String(decoding: try BankJSON.encode(answer), as: UTF8.self)
        #expect(json.contains(#""opened_at":"2023-11-14T22:13:20.000001Z""#))
        #expect(json.contains(#""closed_at":"2023-11-14T22:13:20.999999Z""#))
        #expect(try BankJSON.decoder().decode(Account.self, from: Data(json.utf8)) == answer)
        // As a bank-server of before wrote them.
        let cut = json.replacing(".000001Z", with: "Z").replacing(".999999Z", with: "Z")
        let old = try BankJSON.decoder().decode(Account.self, from: Data(cut.utf8))
        #expect(old.openedAt.microseconds == 1_700_000_000_000_000)
    }

    /// What 64 bits cannot tell is left out: the balance is no stand-in for what is available.
    @Test func whatIsAvailableIsNeverMadeUp() throws {
        var account = Teller_Balance_V1_Account()
        account.account = FakeBalances.known
        account.currency = "USD"
        account.balance = .min
        account.held = 1
        #expect(try Account(account).available == nil && Balance(account).available == nil)
        let json = String(decoding: try BankJSON.encode(Account(account)), as: UTF8.self)
        #expect(!json.contains("available"))
        account.balance += 1
        #expect(try Account(account).available?.minorUnits == .min)
    }
}
