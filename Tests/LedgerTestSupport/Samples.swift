import Ledger

/// The bank of the tests: a cash account of dollars, and a customer for each rule.
enum Sample {
    static let cash = number(1)
    static let alice = number(11)
    static let bob = number(12)
    static let euro = number(13)
    static let closed = number(14)
    /// May go 100 below zero.
    static let overdrawn = number(15)
    static let unknown = number(99)
    static let elsewhere = number(11, bank: "ELSE")

    static func number(_ number: Int64, bank: String = "DEMO") -> AccountNumber {
        // The check digits are not what these tests are about.
        guard let account = try? AccountNumber(bank: bank, number: number) else {
            preconditionFailure("no account number: \(bank) \(number)")
        }
        return account
    }

    static func account(
        _ number: AccountNumber, _ balance: Int64, currency: Currency = .usd, limit: Int64? = 0,
        held: Int64 = 0, kind: AccountKind = .customer, owner: UserName? = nil,
        isClosed: Bool = false,
        changedAt: Int64 = 0
    ) -> LockedAccount {
        LockedAccount(
            number: number, currency: currency, kind: kind, owner: owner, isClosed: isClosed,
            overdraftLimit: limit, balance: balance, held: held, version: 0,
            changedAt: Timestamp(microseconds: changedAt))
    }

    /// Alice has 1000, Bob 50.
    static var bank: BookKeeper {
        var bank = BookKeeper()
        for account in [
            account(cash, -1050, limit: nil, kind: .cash), account(alice, 1000),
            account(bob, 50), account(euro, 500, currency: .eur),
            account(closed, 0, isClosed: true), account(overdrawn, 0, limit: 100),
        ] {
            bank.accounts[account.number] = account
        }
        return bank
    }
}

extension LockedAccount {
    /// As when its last entry was posted so late.
    mutating func see(_ time: Int64) {
        self = Sample.account(
            number, balance, currency: currency, limit: overdraftLimit, changedAt: time)
    }
}

func usd(_ cents: Int64) -> Money { Money(minorUnits: cents, currency: .usd) }

func id(_ number: UInt64) -> Identifier { Identifier(high: 0, low: number) }

func request(_ number: UInt64, _ action: TransferRequest.Action) -> TransferRequest {
    TransferRequest(id: id(number), action: action)
}

/// From Alice to Bob.
func transfer(_ number: UInt64, _ cents: Int64) -> TransferRequest {
    request(number, .transfer(debit: Sample.alice, credit: Sample.bob, amount: usd(cents)))
}

/// From Alice to Bob, for ten seconds.
func hold(_ number: UInt64, _ cents: Int64) -> TransferRequest {
    request(
        number, .hold(debit: Sample.alice, credit: Sample.bob, amount: usd(cents), seconds: 10))
}
