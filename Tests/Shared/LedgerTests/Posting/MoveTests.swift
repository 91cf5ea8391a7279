import Ledger
import Testing

@testable import LedgerTestSupport

@Suite struct MoveTests {
    @Test func `a transfer makes two entries and leaves both sides in its record`() throws {
        var posting = Sample.bank.posting(at: 5)
        let record = try #require(posting.apply([transfer(1, 300)]).first?.record)

        #expect(record.debit == Sample.alice && record.credit == Sample.bob)
        #expect(record.amount == usd(300))
        #expect(record.debitLeg == RecordedTransfer.Leg(version: 1, balanceAfter: 700))
        #expect(record.creditLeg == RecordedTransfer.Leg(version: 1, balanceAfter: 350))
        let time = Timestamp(microseconds: 5)
        #expect(
            posting.changes.entries == [
                Entry(
                    account: Sample.alice, version: 1, amount: -300, balanceAfter: 700,
                    postedAt: time, transfer: id(1)),
                Entry(
                    account: Sample.bob, version: 1, amount: 300, balanceAfter: 350,
                    postedAt: time, transfer: id(1)),
            ])
        #expect(posting.changes.accounts.map(\.number) == [Sample.alice, Sample.bob])
        #expect(posting.changes.accounts.allSatisfy { $0.changedAt == time && $0.version == 1 })
        #expect(posting.changes.transfers == [record])
    }

    @Test func `changed accounts ascend, in whatever order they were given`() {
        let numbers = [Sample.bob, Sample.cash, Sample.alice]
        var posting = Posting(
            accounts: numbers.compactMap { Sample.bank[$0] }, recorded: [], reversed: [],
            holds: [], now: Timestamp(microseconds: 0))
        _ = posting.apply([request(1, .deposit(credit: Sample.bob, amount: usd(1)))])
        _ = posting.apply([transfer(2, 1)])
        #expect(posting.changes.accounts.map(\.number) == numbers.sorted())
    }

    @Test func `deposits and withdrawals are against the cash account`() throws {
        var bank = Sample.bank
        let deposit = request(1, .deposit(credit: Sample.bob, amount: usd(25)))
        let withdrawal = request(2, .withdrawal(debit: Sample.bob, amount: usd(5)))

        #expect(bank.ask(deposit).first?.record?.debit == Sample.cash)
        #expect(bank.ask(withdrawal).first?.record?.credit == Sample.cash)

        #expect(bank[Sample.bob]?.balance == 70)
        #expect(bank[Sample.cash]?.balance == -1070)
    }

    @Test func `what came in can go out again at once`() {
        var posting = Sample.bank.posting(at: 0)
        let back = request(
            2, .transfer(debit: Sample.bob, credit: Sample.alice, amount: usd(1050)))
        #expect(posting.apply([transfer(1, 1000)]).first?.refusal == nil)
        #expect(posting.apply([back]).first?.record?.debitLeg?.version == 2)
    }

    private static let most = LedgerLimits.balance

    @Test(arguments: [(-1, nil), (0, nil), (1, .amountTooLarge)] as [(Int64, Refusal?)])
    func `no balance rises past its bound`(excess: Int64, refusal: Refusal?) {
        var bank = Sample.bank
        bank.accounts[Sample.bob] = Sample.account(Sample.bob, Self.most - 1000)
        bank.accounts[Sample.alice] = Sample.account(Sample.alice, Self.most)
        #expect(bank.ask(transfer(1, 1000 + excess)).first?.refusal == refusal)
        let deposit = request(2, .deposit(credit: Sample.alice, amount: usd(1)))
        #expect(bank.ask(deposit).first?.refusal == (refusal == nil ? nil : .amountTooLarge))
    }

    @Test(arguments: [(0, nil), (1, .amountTooLarge)] as [(Int64, Refusal?)])
    func `no balance without a limit falls past its bound`(excess: Int64, refusal: Refusal?) {
        var bank = Sample.bank
        bank.accounts[Sample.cash] = Sample.account(
            Sample.cash, 1000 - Self.most, limit: nil, kind: .cash)
        let deposit = request(1, .deposit(credit: Sample.bob, amount: usd(1000 + excess)))
        #expect(bank.ask(deposit).first?.refusal == refusal)
    }

    @Test func `the widest limit is counted exactly`() {
        var bank = Sample.bank
        for (limit, refusal) in [(Self.most, Refusal.insufficientFunds), (.max, .amountTooLarge)] {
            bank.accounts[Sample.alice] = Sample.account(Sample.alice, 5 - Self.most, limit: limit)
            var posting = bank.posting(at: 0)
            #expect(posting.apply([transfer(1, 6)]).first?.refusal == refusal)
            #expect(posting.apply([hold(2, 6)]).first?.refusal == refusal)
            #expect(posting.apply([transfer(3, 5)]).first?.refusal == nil)
            #expect(posting.changes.accounts.first?.balance == -Self.most)
        }
    }

    @Test(
        arguments: [(0, nil), (1, .amountTooLarge), (.max, .amountTooLarge)] as [(Int64, Refusal?)])
    func `one transfer has a bound`(excess: Int64, refusal: Refusal?) {
        var bank = Sample.bank
        bank.accounts[Sample.alice] = Sample.account(Sample.alice, .max)
        let (sum, isPast) = LedgerLimits.transfer.addingReportingOverflow(excess)
        let amount = usd(isPast ? .max : sum)
        let actions: [TransferRequest.Action] = [
            .transfer(debit: Sample.alice, credit: Sample.bob, amount: amount),
            .deposit(credit: Sample.bob, amount: amount),
            .withdrawal(debit: Sample.alice, amount: amount),
            .hold(debit: Sample.alice, credit: Sample.bob, amount: amount, seconds: 10),
        ]
        for (number, action) in actions.enumerated() {
            #expect(bank.ask(request(UInt64(number + 1), action)).first?.refusal == refusal)
        }
    }

    /// What a ledger has from before the bounds can go on, come down, and be undone.
    @Test func `larger amounts of before can come down`() {
        var bank = Sample.bank
        let large: Int64 = 5_000_000_000_000_000
        bank.accounts[Sample.alice] = Sample.account(Sample.alice, .max - 7, held: large)
        bank.accounts[Sample.cash] = Sample.account(Sample.cash, .min + 7, limit: nil, kind: .cash)
        bank.holds[id(90)] = Hold(
            id: id(90), debit: Sample.alice, credit: Sample.bob, amount: usd(large),
            expiresAt: Timestamp(microseconds: 10))
        bank.records[id(91)] = RecordedTransfer(
            id: id(91), kind: .deposit, debit: Sample.cash, credit: Sample.alice,
            amount: usd(.max - 100), createdAt: Timestamp(microseconds: 0),
            debitLeg: .init(version: 1, balanceAfter: 0),
            creditLeg: .init(version: 1, balanceAfter: 0))
        let steps: [(TransferRequest.Action, Refusal?)] = [
            (.deposit(credit: Sample.bob, amount: usd(1)), .amountTooLarge),
            (.transfer(debit: Sample.bob, credit: Sample.alice, amount: usd(1)), .amountTooLarge),
            (.withdrawal(debit: Sample.alice, amount: usd(LedgerLimits.transfer)), nil),
            (.transfer(debit: Sample.alice, credit: Sample.bob, amount: usd(1)), nil),
            (.post(hold: id(90), amount: nil), nil),
            (.reversal(of: id(91)), .insufficientFunds),
        ]
        for (number, (action, refusal)) in steps.enumerated() {
            #expect(
                bank.ask(request(UInt64(number + 1), action)).first?.refusal == refusal, "\(action)"
            )
        }
        bank.accounts[Sample.alice] = Sample.account(Sample.alice, .max - 7)
        #expect(bank.ask(request(20, .reversal(of: id(91)))).first?.refusal == nil)
    }

    @Test func `time does not go back in an account`() {
        var bank = Sample.bank
        bank.accounts[Sample.bob] = Sample.account(Sample.bob, 50, changedAt: 900)
        var posting = bank.posting(at: 100)
        let record = posting.apply([transfer(1, 1)]).first?.record
        let latest = Timestamp(microseconds: 900)
        #expect(posting.changes.accounts.map(\.changedAt) == [latest, latest])
        #expect(posting.changes.entries.map(\.postedAt) == [latest, latest])
        #expect(record?.createdAt == Timestamp(microseconds: 100))
    }

    @Test func `the time that an account has seen is not that of others`() {
        var bank = Sample.bank
        bank.accounts[Sample.bob] = Sample.account(Sample.bob, 50, changedAt: 900)
        var posting = bank.posting(at: 100)
        let other = TransferRequest.Action.transfer(
            debit: Sample.alice, credit: Sample.overdrawn, amount: usd(1))
        _ = posting.apply([request(1, other)])
        _ = posting.apply([transfer(2, 1)])
        #expect(posting.changes.entries.map(\.postedAt.microseconds) == [100, 100, 900, 900])
    }
}
