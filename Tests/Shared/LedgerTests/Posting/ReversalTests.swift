import Ledger
import Testing

@testable import LedgerTestSupport

@Suite struct ReversalTests {
    private let reversal = request(2, .reversal(of: id(1)))

    @Test func `moves the money back, once`() throws {
        var bank = Sample.bank
        _ = bank.ask(transfer(1, 300))
        let record = try #require(bank.ask(reversal).first?.record)

        #expect(record.reverses == id(1) && record.amount == usd(300))
        #expect(record.debit == Sample.bob && record.credit == Sample.alice)
        #expect(record.creditLeg == RecordedTransfer.Leg(version: 2, balanceAfter: 1000))
        #expect(bank[Sample.bob]?.balance == 50)
        #expect(bank.ask(request(3, .reversal(of: id(1)))).first?.refusal == .alreadyReversed)
    }

    @Test func `may itself be reversed`() {
        var posting = Sample.bank.posting(at: 0)
        _ = posting.apply([transfer(1, 300)])
        _ = posting.apply([reversal])
        #expect(posting.apply([request(3, .reversal(of: id(2)))]).first?.refusal == nil)
        #expect(
            posting.apply([request(4, .reversal(of: id(1)))]).first?.refusal == .alreadyReversed)
        #expect(posting.changes.accounts.map(\.balance) == [700, 350])
    }

    @Test func `keeps to the rules of any transfer`() {
        var bank = Sample.bank
        _ = bank.ask(transfer(1, 300))
        let away = request(
            3, .transfer(debit: Sample.bob, credit: Sample.overdrawn, amount: usd(350)))
        _ = bank.ask(away)
        #expect(bank.ask(reversal).first?.refusal == .insufficientFunds)
        bank.accounts[Sample.bob] = Sample.account(Sample.bob, 0, isClosed: true)
        #expect(bank.ask(request(4, .reversal(of: id(1)))).first?.refusal == .accountClosed)
    }

    @Test func `a refused one leaves the transfer to be reversed later`() {
        var bank = Sample.bank
        _ = bank.ask(transfer(1, 300))
        _ = bank.ask(request(3, .withdrawal(debit: Sample.bob, amount: usd(350))))
        #expect(bank.ask(reversal).first?.refusal == .insufficientFunds)
        _ = bank.ask(request(4, .deposit(credit: Sample.bob, amount: usd(300))))
        #expect(bank.ask(reversal).first?.refusal == .insufficientFunds, "as it was refused before")
        #expect(bank.ask(request(5, .reversal(of: id(1)))).first?.refusal == nil)
    }

    @Test func `only of what moved money`() {
        var bank = Sample.bank
        _ = bank.ask(transfer(1, 2000))
        #expect(bank.ask(reversal).first?.refusal == .transferUnknown)
        _ = bank.ask(hold(3, 100))
        #expect(bank.ask(request(4, .reversal(of: id(3)))).first?.refusal == .transferUnknown)
        _ = bank.ask(request(5, .post(hold: id(3), amount: nil)))
        #expect(bank.ask(request(6, .reversal(of: id(5)))).first?.refusal == nil)
    }
}
