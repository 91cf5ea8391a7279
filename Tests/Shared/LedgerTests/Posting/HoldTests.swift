import Ledger
import Testing

@testable import LedgerTestSupport

@Suite struct HoldTests {
    private let post = request(2, .post(hold: id(1), amount: nil))
    private let void = request(2, .void(hold: id(1)))

    private func held(_ cents: Int64 = 400) -> BookKeeper {
        var bank = Sample.bank
        _ = bank.ask(hold(1, cents))
        return bank
    }

    @Test func `a hold keeps money from being spent, without an entry`() throws {
        var bank = Sample.bank
        let record = try #require(bank.ask(hold(1, 400), at: 3).first?.record)

        #expect(record.amount == usd(400) && record.holdSeconds == 10 && record.debitLeg == nil)
        #expect(record.expiresAt == Timestamp(microseconds: 10_000_003))
        #expect(bank.holds[id(1)]?.expiresAt == record.expiresAt)
        #expect(bank[Sample.alice]?.balance == 1000 && bank[Sample.alice]?.held == 400)
        #expect(bank[Sample.alice]?.version == 0 && bank.entries.isEmpty)
        #expect(bank.ask(transfer(2, 601)).first?.refusal == .insufficientFunds)
        #expect(bank.ask(transfer(3, 600)).first?.refusal == nil)
    }

    @Test(arguments: [nil, 400, 399, 1] as [Int64?])
    func `posting moves the whole or a part, and frees the rest`(part: Int64?) throws {
        var bank = held()
        let post = request(2, .post(hold: id(1), amount: part.map(usd)))
        let record = try #require(bank.ask(post).first?.record)
        let moved = part ?? 400

        #expect(record.hold == id(1) && record.amount == usd(moved))
        #expect(record.debit == Sample.alice && record.credit == Sample.bob)
        #expect(record.debitLeg == RecordedTransfer.Leg(version: 1, balanceAfter: 1000 - moved))
        #expect(bank[Sample.alice]?.held == 0 && bank[Sample.bob]?.balance == 50 + moved)
        #expect(bank.holds[id(1)]?.state == .posted && bank.holds[id(1)]?.resolvedBy == id(2))
    }

    @Test func `voiding frees`() throws {
        var bank = held()
        let record = try #require(bank.ask(void).first?.record)
        #expect(record.hold == id(1) && record.amount == usd(400))
        #expect(record.debit == Sample.alice && record.credit == Sample.bob)
        #expect(bank[Sample.alice]?.held == 0 && bank[Sample.alice]?.balance == 1000)
        #expect(bank.holds[id(1)]?.state == .voided && bank.holds[id(1)]?.resolvedBy == id(2))
    }

    @Test(
        arguments: [
            (usd(401), .amountExceedsHold), (usd(0), .amountNotPositive),
            (usd(-1), .amountNotPositive),
            (Money(minorUnits: 1, currency: .eur), .currencyMismatch),
        ] as [(Money, Refusal)])
    func `a part must be one`(part: Money, refusal: Refusal) {
        var bank = held()
        let before = bank.holds
        let post = request(2, .post(hold: id(1), amount: part))
        #expect(bank.ask(post).first?.refusal == refusal)
        #expect(bank.holds == before && bank[Sample.alice]?.held == 400)
    }

    @Test func `a hold is resolved once`() {
        var posted = held()
        _ = posted.ask(post)
        var voided = held()
        _ = voided.ask(void)
        for again in [TransferRequest.Action.post(hold: id(1), amount: nil), .void(hold: id(1))] {
            #expect(posted.ask(request(3, again)).first?.refusal == .holdAlreadyPosted)
            #expect(voided.ask(request(3, again)).first?.refusal == .holdAlreadyVoided)
            (posted.records[id(3)], voided.records[id(3)]) = (nil, nil)
        }
    }

    @Test(arguments: [(9_999_999, nil), (10_000_000, .holdExpired)] as [(Int64, Refusal?)])
    func `a hold expires at its time`(time: Int64, refusal: Refusal?) {
        for ask in [post, void] {
            var bank = held()
            #expect(bank.ask(ask, at: time).first?.refusal == refusal)
            #expect(bank[Sample.alice]?.held == 0)
            guard refusal != nil else { continue }
            #expect(bank.holds[id(1)]?.state == .expired && bank.holds[id(1)]?.resolvedBy == nil)
            #expect(bank.ask(request(3, .void(hold: id(1)))).first?.refusal == .holdExpired)
        }
    }

    @Test func `a hold goes by the clock, not by a later time that accounts have seen`() throws {
        for seen in [Sample.alice, Sample.bob, Sample.euro] {
            var bank = Sample.bank
            bank.accounts[seen]?.see(60_000_000)
            let made = try #require(bank.ask(hold(1, 400), at: 3).first?.record)
            #expect(made.createdAt.microseconds == 3)
            #expect(bank.holds[id(1)]?.expiresAt.microseconds == 10_000_003)
            _ = bank.ask(transfer(3, 1), at: 4)
            #expect(bank.holds[id(1)]?.state == .pending && bank[Sample.alice]?.held == 400)

            for ask in [post, void] {
                var copy = bank
                let record = try #require(copy.ask(ask, at: 10_000_002).first?.record)
                #expect(record.createdAt.microseconds == 10_000_002)
                var late = bank
                #expect(late.ask(ask, at: 10_000_003).first?.refusal == .holdExpired)
            }
        }
    }

    @Test func `money of a hold that is due can be spent`() {
        var bank = held(1000)
        #expect(bank.ask(transfer(2, 1), at: 9_999_999).first?.refusal == .insufficientFunds)
        #expect(bank.ask(transfer(3, 1000), at: 10_000_000).first?.refusal == nil)
        #expect(bank.holds[id(1)]?.state == .expired)
    }

    @Test func `a due hold of an account that is not locked is refused and left alone`() {
        let bank = held()
        var posting = Posting(
            accounts: [], recorded: [], reversed: [], holds: Array(bank.holds.values),
            now: Timestamp(microseconds: 10_000_000))
        #expect(posting.apply([void]).first?.refusal == .holdExpired)
        #expect(posting.changes.resolvedHolds.isEmpty)
    }

    @Test func `a hold for an account that was closed stays pending`() {
        var bank = held()
        bank.accounts[Sample.bob] = Sample.account(Sample.bob, 0, isClosed: true)
        #expect(bank.ask(post).first?.refusal == .accountClosed)
        #expect(bank.holds[id(1)]?.state == .pending && bank[Sample.alice]?.held == 400)
        #expect(bank.ask(request(3, .void(hold: id(1)))).first?.refusal == nil)
    }

    @Test func `made and resolved in one posting, it is new as it ended`() {
        var posting = Sample.bank.posting(at: 0)
        _ = posting.apply([hold(1, 400)])
        _ = posting.apply([void])
        #expect(posting.changes.newHolds.map(\.state) == [.voided])
        #expect(posting.changes.resolvedHolds.isEmpty && posting.changes.accounts.isEmpty)
    }

    @Test func `what was refused is no hold`() {
        var bank = Sample.bank
        #expect(bank.ask(hold(1, 2000)).first?.refusal == .insufficientFunds)
        #expect(bank.ask(post).first?.refusal == .holdUnknown)
    }

    @Test func `what is held stays within Int64, and what is available within its bound`() {
        var bank = Sample.bank
        bank.accounts[Sample.alice] = Sample.account(
            Sample.alice, .max, limit: .max, held: .max - 3)
        #expect(bank.ask(hold(1, 4)).first?.refusal == .amountTooLarge)
        #expect(bank.ask(hold(2, 3)).first?.refusal == nil)
        bank.accounts[Sample.alice] = Sample.account(
            Sample.alice, 5 - LedgerLimits.balance, limit: nil)
        #expect(bank.ask(hold(3, 6)).first?.refusal == .amountTooLarge)
        #expect(bank.ask(hold(4, 5)).first?.refusal == nil)
    }
}
