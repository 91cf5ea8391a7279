import Ledger
import Testing

@testable import LedgerTestSupport

@Suite struct GroupTests {
    @Test func `all is done when all can be`() {
        var bank = Sample.bank
        let back = request(
            2, .transfer(debit: Sample.bob, credit: Sample.alice, amount: usd(1050)))
        let outcomes = bank.ask(transfer(1, 1000), back)
        #expect(outcomes.compactMap(\.record?.id) == [id(1), id(2)])
        #expect(bank[Sample.alice]?.balance == 1050)
    }

    @Test func `nothing is done when one is refused, and each keeps why`() {
        var bank = Sample.bank
        _ = bank.ask(transfer(50, 100))
        _ = bank.ask(hold(51, 100))
        let before = bank
        let group = [
            hold(1, 10), request(2, .post(hold: id(1), amount: nil)),
            request(3, .void(hold: id(51))), request(4, .reversal(of: id(50))),
            transfer(5, 5000), transfer(6, 1), transfer(7, 0),
        ]
        var posting = bank.posting(at: 0)
        let outcomes = posting.apply(group)
        bank.write(posting.changes)

        let linked = Refusal.linkedRefused
        let expected = [linked, linked, linked, linked, .insufficientFunds, linked, linked]
        #expect(outcomes.map(\.refusal) == expected)
        #expect(posting.changes.transfers.map(\.id) == group.map(\.id))
        #expect(posting.changes.transfers.map(\.refusal) == expected)
        #expect(bank.accounts == before.accounts && bank.holds == before.holds)
        #expect(bank.entries == before.entries && bank.reversed == before.reversed)

        var later = bank.posting(at: 0)
        #expect(later.apply(group) == outcomes)
        #expect(later.changes.isEmpty)
        #expect(
            posting.apply([request(8, .post(hold: id(1), amount: nil))]).first?.refusal
                == .holdUnknown)
        #expect(posting.apply([request(9, .reversal(of: id(50)))]).first?.refusal == nil)
    }

    @Test func `what came before in the posting stays`() {
        var posting = Sample.bank.posting(at: 0)
        _ = posting.apply([transfer(1, 100)])
        _ = posting.apply([transfer(2, 100), transfer(3, 5000)])
        _ = posting.apply([transfer(4, 100)])
        #expect(posting.changes.accounts.map(\.balance) == [800, 250])
        #expect(posting.changes.accounts.map(\.version) == [2, 2])
        #expect(posting.changes.entries.map(\.transfer) == [id(1), id(1), id(4), id(4)])
        #expect(posting.changes.transfers.map(\.id) == [1, 2, 3, 4].map(id))
    }

    @Test func `members that were recorded keep their outcome`() {
        var bank = Sample.bank
        let done = bank.ask(transfer(1, 100))[0]
        #expect(bank.ask(transfer(1, 100), transfer(2, 100)).map(\.refusal) == [nil, nil])
        #expect(
            bank.ask(transfer(3, 1), transfer(1, 100), transfer(4, 5000), transfer(2, 7))
                == [
                    .refused(.linkedRefused), done, .refused(.insufficientFunds),
                    .refused(.idUsedWithOtherContent),
                ])
        #expect(bank[Sample.alice]?.balance == 800)
    }

    @Test func `a recorded refusal refuses the group`() {
        var bank = Sample.bank
        _ = bank.ask(transfer(1, 5000))
        #expect(
            bank.ask(transfer(2, 1), transfer(1, 5000)).map(\.refusal)
                == [.linkedRefused, .insufficientFunds])
        #expect(
            bank.ask(transfer(3, 1), transfer(1, 1)).map(\.refusal)
                == [.linkedRefused, .idUsedWithOtherContent])
        #expect(bank[Sample.alice]?.balance == 1000)
    }

    @Test func `an id twice in a group is a repeat, or another request's`() {
        var bank = Sample.bank
        let outcomes = bank.ask(transfer(1, 100), transfer(1, 100))
        #expect(outcomes[0] == outcomes[1] && outcomes[0].refusal == nil)
        #expect(bank[Sample.alice]?.balance == 900)
        #expect(
            bank.ask(transfer(2, 100), transfer(2, 101), transfer(2, 100)).map(\.refusal)
                == [.linkedRefused, .idUsedWithOtherContent, .linkedRefused])
        #expect(bank[Sample.alice]?.balance == 900)
        #expect(bank.records[id(2)]?.refusal == .linkedRefused)
    }

    @Test func `an empty group does nothing`() {
        var posting = Sample.bank.posting(at: 0)
        #expect(posting.apply([]).isEmpty)
        #expect(posting.changes.isEmpty)
    }
}
