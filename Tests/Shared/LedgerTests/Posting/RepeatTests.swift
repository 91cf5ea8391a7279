import Ledger
import Testing

@testable import LedgerTestSupport

@Suite struct RepeatTests {
    private static let all: [TransferRequest.Action] = [
        .transfer(debit: Sample.alice, credit: Sample.bob, amount: usd(10)),
        .transfer(debit: Sample.alice, credit: Sample.overdrawn, amount: usd(10)),
        .transfer(debit: Sample.overdrawn, credit: Sample.bob, amount: usd(10)),
        .transfer(debit: Sample.alice, credit: Sample.bob, amount: usd(11)),
        .transfer(
            debit: Sample.alice, credit: Sample.bob, amount: Money(minorUnits: 10, currency: .eur)),
        .deposit(credit: Sample.bob, amount: usd(10)),
        .deposit(credit: Sample.alice, amount: usd(10)),
        .deposit(credit: Sample.bob, amount: usd(11)),
        .withdrawal(debit: Sample.bob, amount: usd(10)),
        .withdrawal(debit: Sample.alice, amount: usd(10)),
        .withdrawal(debit: Sample.bob, amount: usd(11)),
        .hold(debit: Sample.alice, credit: Sample.bob, amount: usd(10), seconds: 10),
        .hold(debit: Sample.alice, credit: Sample.bob, amount: usd(10), seconds: 11),
        .hold(debit: Sample.alice, credit: Sample.overdrawn, amount: usd(10), seconds: 10),
        .post(hold: id(101), amount: nil),
        .post(hold: id(101), amount: usd(39)),
        .post(hold: id(102), amount: nil),
        .post(hold: id(103), amount: nil),
        .post(hold: id(103), amount: usd(40)),
        .void(hold: id(101)),
        .void(hold: id(102)),
        .reversal(of: id(104)),
        .reversal(of: id(105)),
    ]

    private static var bank: BookKeeper {
        var bank = Sample.bank
        _ = bank.ask(hold(101, 40))
        _ = bank.ask(hold(102, 40))
        _ = bank.ask(transfer(104, 20))
        return bank
    }

    @Test func `is refused when the id was used for something else`() {
        let before = Self.bank.posting(at: 0)
        var posting = Posting(
            accounts: Array(Self.bank.accounts.values), recorded: [], reversed: [],
            usedOtherwise: [id(1)], holds: [], now: before.now)
        for action in Self.all {
            #expect(posting.apply([request(1, action)]) == [.refused(.idUsedWithOtherContent)])
        }
        #expect(posting.changes.isEmpty)
    }

    @Test(arguments: all.indices, [false, true])
    func `gets the first outcome for the same content and none other`(
        index: Int, isInOnePosting: Bool
    ) throws {
        var bank = Self.bank
        let first = request(1, Self.all[index])
        var posting = bank.posting(at: 0)
        let outcome = posting.apply([first])
        if !isInOnePosting {
            bank.write(posting.changes)
            posting = bank.posting(at: 1)
        }
        let changes = posting.changes

        #expect(posting.apply([first]) == outcome)
        for (other, action) in Self.all.enumerated() where other != index {
            #expect(posting.apply([request(1, action)]) == [.refused(.idUsedWithOtherContent)])
        }
        let memo = try ShortText("other")
        let withMemo = TransferRequest(id: id(1), action: first.action, memo: memo)
        #expect(posting.apply([withMemo]) == [.refused(.idUsedWithOtherContent)])
        #expect(posting.changes == changes, "a repeat changes nothing")
    }

    /// Nor is its outcome, done or refused, told to whom it does not concern.
    @Test(arguments: [10, 1001]) func `by somebody else is another request`(cents: Int64) {
        let requests = [nil, UserName("olga"), UserName("otto")].map { name in
            var request = transfer(1, cents)
            request.asker = name.map { .person($0, isOperator: true) }
            return request
        }
        for first in requests {
            var bank = Sample.bank
            let outcome = bank.ask(first)
            #expect((outcome.first?.refusal == nil) == (cents == 10))
            for other in requests {
                // Before there were people nobody was recorded.
                let isSame = first.asker == nil || first.asker == other.asker
                let expected = isSame ? outcome : [.refused(.idUsedWithOtherContent)]
                #expect(bank.ask(other) == expected)
            }
        }
    }

    @Test func `a memo that only looks the same is another`() throws {
        let memos = try ["caf\u{E9}", "cafe\u{301}"].map { try ShortText($0) }
        #expect(memos[0] != memos[1])
        #expect(Set(memos).count == 2)
        var posting = Self.bank.posting(at: 0)
        let requests = memos.map { TransferRequest(id: id(1), action: Self.all[0], memo: $0) }
        #expect(posting.apply([requests[0]]) == posting.apply([requests[0]]))
        #expect(posting.apply([requests[1]]) == [.refused(.idUsedWithOtherContent)])
    }

    @Test func `posting the whole hold is the same by its amount and without`() {
        let whole = request(1, .post(hold: id(101), amount: usd(40)))
        let unnamed = request(1, .post(hold: id(101), amount: nil))
        for (first, second) in [(whole, unnamed), (unnamed, whole)] {
            var bank = Self.bank
            let outcome = bank.ask(first)
            #expect(outcome.first?.refusal == nil)
            #expect(bank.ask(second) == outcome)
        }
    }

    @Test func `of what was refused is refused even when it would now do`() {
        var bank = Sample.bank
        #expect(bank.ask(transfer(1, 1001)).first?.refusal == .insufficientFunds)
        _ = bank.ask(request(2, .deposit(credit: Sample.alice, amount: usd(1))))
        #expect(bank.ask(transfer(1, 1001)).first?.refusal == .insufficientFunds)
        #expect(bank.ask(transfer(3, 1001)).first?.refusal == nil)
    }
}
