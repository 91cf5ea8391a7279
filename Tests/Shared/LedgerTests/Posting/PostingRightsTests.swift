import Ledger
import Testing

@testable import LedgerTestSupport

/// Alice's account is alice's and Bob's is bob's; otto is an operator.
struct PostingRightsTests {
    private func bank() throws -> BookKeeper {
        var bank = Sample.bank
        for (number, name) in [(Sample.alice, "alice"), (Sample.bob, "bob")] {
            bank.accounts[number] = Sample.account(
                number, 1000, owner: UserName(name))
        }
        #expect(bank.ask(hold(101, 40)).first?.refusal == nil)
        #expect(bank.ask(transfer(102, 20)).first?.refusal == nil)
        let deposit = request(103, .deposit(credit: Sample.alice, amount: usd(10)))
        #expect(bank.ask(deposit).first?.refusal == nil)
        return bank
    }

    private func ask(
        _ name: String, isOperator: Bool = false, _ action: TransferRequest.Action
    ) throws -> Refusal? {
        var bank = try bank()
        var request = request(1, action)
        request.asker = .person(try #require(UserName(name)), isOperator: isOperator)
        let before = bank
        let outcome = try #require(bank.ask(request).first)
        if outcome.refusal != nil { #expect(bank.accounts == before.accounts) }
        return outcome.refusal
    }

    private static let fromAlice: [TransferRequest.Action] = [
        .transfer(debit: Sample.alice, credit: Sample.bob, amount: usd(1)),
        .hold(debit: Sample.alice, credit: Sample.bob, amount: usd(1), seconds: 10),
    ]

    @Test(arguments: fromAlice) func onlyTheOwnerPays(_ action: TransferRequest.Action) throws {
        #expect(try ask("alice", action) == nil)
        #expect(try ask("otto", isOperator: true, action) == nil)
        for stranger in ["bob", "carol", "otto"] {
            #expect(try ask(stranger, action) == .accountUnknown)
        }
    }

    /// Also where another rule would have more to say of it.
    @Test func aStrangersAccountIsAsOneThatIsNot() throws {
        for debit in [Sample.alice, Sample.closed, Sample.cash, Sample.unknown] {
            for (credit, amount) in [
                (Sample.bob, usd(5000)), (debit, usd(1)), (Sample.bob, usd(0)),
            ] {
                let refusal = try ask(
                    "bob", .transfer(debit: debit, credit: credit, amount: amount))
                #expect(refusal == .accountUnknown)
            }
        }
    }

    @Test(
        arguments: [
            .post(hold: id(101), amount: nil), .void(hold: id(101)), .reversal(of: id(102)),
        ] as [TransferRequest.Action])
    func onlyThePayeeTakesOrGivesBack(_ action: TransferRequest.Action) throws {
        #expect(try ask("bob", action) == nil)
        #expect(try ask("otto", isOperator: true, action) == nil)
        for stranger in ["carol", "otto"] {
            let refusal = try ask(stranger, action)
            #expect(refusal == .holdUnknown || refusal == .transferUnknown)
        }
        // She has it before her eyes.
        #expect(try ask("alice", action) == .forbidden)
    }

    @Test(
        arguments: [
            .deposit(credit: Sample.alice, amount: usd(1)),
            .withdrawal(debit: Sample.alice, amount: usd(1)), .reversal(of: id(103)),
        ] as [TransferRequest.Action])
    func cashIsAnOperators(_ action: TransferRequest.Action) throws {
        #expect(try ask("otto", isOperator: true, action) == nil)
        #expect(try ask("alice", action) == .forbidden)
        let refusal = try ask("bob", action)
        #expect(refusal == .accountUnknown || refusal == .transferUnknown)
    }

    /// What an operator has taken back is not taken back once more by whoever got it.
    @Test func aReversalOfCashIsAnOperators() throws {
        var bank = try bank()
        let withdrawal = request(104, .withdrawal(debit: Sample.alice, amount: usd(10)))
        let takenBack = request(105, .reversal(of: id(104)))
        for request in [withdrawal, takenBack] {
            #expect(bank.ask(request).first?.refusal == nil)
        }
        var again = request(106, .reversal(of: id(105)))
        again.asker = .person(try #require(UserName("alice")), isOperator: false)
        #expect(bank.ask(again).first?.refusal == .forbidden)
        again.id = id(107)
        again.asker = .person(try #require(UserName("otto")), isOperator: true)
        #expect(bank.ask(again).first?.refusal == nil)
    }

    @Test func nobodyNamesTheBanksCash() throws {
        for (name, isOperator) in [("alice", false), ("otto", true)] {
            let refusal = try ask(
                name, isOperator: isOperator,
                .transfer(debit: Sample.alice, credit: Sample.cash, amount: usd(1)))
            #expect(refusal == .accountUnknown)
        }
    }

    @Test(arguments: fromAlice) func aTierMovesNothing(_ action: TransferRequest.Action) throws {
        var bank = try bank()
        var request = request(1, action)
        request.asker = .tier
        #expect(bank.ask(request).first?.refusal == .accountUnknown)
    }

    /// The other side's balance is told neither at once nor by a repeat.
    @Test func eachSeesHerOwnSide() throws {
        var bank = try bank()
        func ask(_ name: String, _ isOperator: Bool = false) throws -> RecordedTransfer? {
            var request = transfer(isOperator ? 2 : 1, 5)
            request.asker = .person(try #require(UserName(name)), isOperator: isOperator)
            guard case .done(let record) = bank.ask(request).first else { return nil }
            return record
        }
        for _ in 0..<2 {
            let hers = try #require(try ask("alice"))
            #expect(hers.debitLeg != nil && hers.creditLeg == nil)
            let whole = try #require(try ask("otto", true))
            #expect(whole.debitLeg != nil && whole.creditLeg != nil)
        }
    }

    /// Of what was asked before there were people only those learn whose accounts it was about.
    @Test func whatIsOlderThanPeopleIsItsOwners() throws {
        for (name, isTold) in [("alice", true), ("bob", true), ("carol", false)] {
            var bank = try bank()
            var repeated = transfer(102, 20)
            repeated.asker = .person(try #require(UserName(name)), isOperator: false)
            let outcome = try #require(bank.ask(repeated).first)
            #expect((outcome == .refused(.idUsedWithOtherContent)) == !isTold, "\(name)")
        }
    }
}
