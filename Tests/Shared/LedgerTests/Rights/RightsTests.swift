import Ledger
import Testing

struct RightsTests {
    private static let alice = UserName("alice")
    private static let others = [nil, UserName("bruno")]

    private func asker(_ name: String, isOperator: Bool = false) throws -> Asker {
        .person(try #require(UserName(name)), isOperator: isOperator)
    }

    @Test(arguments: Act.allCases)
    func aStrangerMayDoNothing(_ act: Act) throws {
        let asker = try asker("alice")
        for owner in Self.others {
            for payer in Self.others {
                for payee in Self.others {
                    #expect(!asker.may(act, owner: owner, payer: payer, payee: payee))
                }
            }
        }
    }

    /// Whatever else she is to it.
    @Test(arguments: Act.allCases)
    func onePartIsEnough(_ act: Act) throws {
        let asker = try asker("alice")
        for other in Self.others {
            let (owner, payer, payee) = (
                asker.may(act, owner: Self.alice, payer: other, payee: other),
                asker.may(act, owner: other, payer: Self.alice, payee: other),
                asker.may(act, owner: other, payer: other, payee: Self.alice)
            )
            #expect(owner == act.parts.contains(.owner))
            #expect(payer == act.parts.contains(.payer))
            #expect(payee == act.parts.contains(.payee))
            let all = asker.may(act, owner: Self.alice, payer: Self.alice, payee: Self.alice)
            #expect(all == (owner || payer || payee))
        }
        let isOperators = try self.asker("otto", isOperator: true).may(act)
        #expect(isOperators == act.parts.contains(.operator))
    }

    /// A tier acts for nobody, and nobody acts as one.
    @Test(arguments: Act.allCases)
    func aTierIsNoPerson(_ act: Act) throws {
        let mayTier = Asker.tier.may(act, owner: Self.alice, payer: Self.alice, payee: Self.alice)
        #expect(mayTier == (act == .expireHolds))
        #expect(mayTier != act.parts.contains(.operator))
    }

    /// What an act of the bank's makes is recorded with who did it: no customer makes money.
    @Test func onlyOperatorsMakeMoney() {
        for act in [Act.deposit, .withdraw, .openAccount] { #expect(act.parts == .operator) }
    }

    @Test func thePayerCannotTakeBack() throws {
        let asker = try asker("alice")
        for act in [Act.post, .void, .reverse] {
            #expect(!asker.may(act, owner: Self.alice, payer: Self.alice, payee: nil))
        }
    }
}

struct UserNameTests {
    @Test(arguments: ["al", "alice", "a.b-c_9", "a" + String(repeating: "9", count: 31)])
    func isTaken(_ text: String) { #expect(UserName(text)?.description == text) }

    @Test(arguments: [
        "", "a", "Alice", "9lives", ".a", "al ice", "älice", "alice\u{301}", "alice\n", "alice\0",
        "a" + String(repeating: "9", count: 32),
    ])
    func isRefused(_ text: String) { #expect(UserName(text) == nil) }
}
