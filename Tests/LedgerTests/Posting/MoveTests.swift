import Ledger
import Testing

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

    @Test(
        arguments: [
            (-1, nil), (0, nil), (1, .amountTooLarge), (.max, .amountTooLarge),
        ] as [(Int64, Refusal?)])
    func `no balance rises past Int64`(excess: Int64, refusal: Refusal?) {
        var bank = Sample.bank
        bank.accounts[Sample.bob] = Sample.account(Sample.bob, .max - 1000)
        bank.accounts[Sample.alice] = Sample.account(Sample.alice, .max)
        let amount = excess == .max ? Int64.max : 1000 + excess
        #expect(bank.ask(transfer(1, amount)).first?.refusal == refusal)
    }

    @Test(arguments: [(0, nil), (1, .amountTooLarge)] as [(Int64, Refusal?)])
    func `no balance without a limit falls past Int64`(excess: Int64, refusal: Refusal?) {
        var bank = Sample.bank
        bank.accounts[Sample.cash] = Sample.account(
            Sample.cash, .min + 1000, limit: nil, isCash: true)
        let deposit = request(1, .deposit(credit: Sample.bob, amount: usd(1000 + excess)))
        #expect(bank.ask(deposit).first?.refusal == refusal)
    }

    @Test func `the widest limit is counted exactly`() {
        var bank = Sample.bank
        bank.accounts[Sample.alice] = Sample.account(Sample.alice, -1, limit: .max)
        bank.accounts[Sample.bob] = Sample.account(Sample.bob, 0)
        #expect(bank.ask(transfer(1, .max)).first?.refusal == .insufficientFunds)
        #expect(bank.ask(transfer(2, .max - 1)).first?.refusal == nil)
        #expect(bank[Sample.alice]?.balance == -.max)
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
