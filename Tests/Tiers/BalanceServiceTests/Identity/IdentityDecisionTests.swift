import BalanceAPI
import Chain
import Ledger
import Testing

@testable import BalanceService

@Suite struct PasswordRuleTests {
    private func refusal(_ password: String, user: String = "alice") -> String? {
        do throws(Refused) {
            try PasswordRules.check(Secret(password), user: user, bank: "DEMO")
            return nil
        } catch {
            #expect(error.code == .passwordRefused)
            return error.detail
        }
    }

    @Test(arguments: [
        "qwertz8!", "correct horse battery staple", "a b c d e", " leading", "пароль-мой",
        "\u{1F511}\u{1F511}\u{1F511}\u{1F511}\u{1F511}\u{1F511}\u{1F511}\u{1F511}",
        "alice in the bank again", String(repeating: "ab1-", count: 200),
    ]) func takes(password: String) { #expect(refusal(password) == nil) }

    @Test(arguments: [
        "", "1234567", "äöüäöüä", "password", "PassWord", "1qaz2wsx", "trustno1", "greyhoun",
        "alice123", "teller-bank-1", "demo-alice", "bankbank", "ALICEalice1",
    ]) func refuses(password: String) { #expect(refusal(password) != nil) }

    @Test func randomOnesAreGoodAndDiffer() {
        let passwords = (0..<100).map { _ in PasswordRules.random().text }
        #expect(Set(passwords).count == 100)
        for password in passwords {
            #expect(refusal(password) == nil)
            #expect(password.utf8.count == 19)
        }
    }
}

@Suite struct Argon2Tests {
    /// Else a password of nobody would be checked faster or more slowly than somebody's.
    @Test func nobodysHashHasTheSameParameters() throws {
        let hash = try Argon2().hash(Secret("x"))
        let parameters = hash.split(separator: "$").prefix(3)
        #expect(parameters == PasswordHasher.nobodys.split(separator: "$").prefix(3))
        #expect(hash.utf8.count == PasswordHasher.nobodys.utf8.count)
        #expect(parameters == ["argon2id", "v=19", "m=47104,t=1,p=1"])
    }

    @Test func takesPasswordsExactly() throws {
        let argon2 = Argon2(kibibytes: 64)
        let hash = try argon2.hash(Secret("pässword\u{0} "))
        #expect(try argon2.hash(Secret("pässword\u{0} ")) != hash)
        #expect(try argon2.isMatch(Secret("pässword\u{0} "), hash))
        for other in ["pässword\u{0}", "pässword", "Pässword\u{0} ", "pa\u{308}ssword\u{0} ", ""] {
            #expect(try !argon2.isMatch(Secret(other), hash))
        }
        #expect(throws: Argon2.Failure.self) { try argon2.isMatch(Secret("x"), "$argon2id$") }
    }
}

@Suite struct SessionEndTests {
    private func session(opened: Int64 = 0, used: Int64, now: Int64) -> KnownSession {
        func at(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: seconds * 1_000_000) }
        return KnownSession(
            id: Identifier(high: 1, low: 1), person: 1, user: "a", rights: "customer",
            client: nil, source: nil, openedAt: at(opened), lastUsedAt: at(used),
            expiresAt: at(opened + KnownSession.longestSeconds), isEnded: false, now: at(now))
    }

    @Test func endsWhenItIsNotUsedAndInAnyCase() {
        #expect(session(used: 0, now: 0).end == nil)
        #expect(session(used: 0, now: 899).end == nil)
        #expect(session(used: 0, now: 900).end == .idle)
        #expect(session(used: 43_000, now: 43_199).end == nil)
        #expect(session(used: 43_000, now: 43_200).end == .expired)
        var ended = session(used: 0, now: 43_200)
        ended.isEnded = true
        #expect(ended.end == .ended)
    }
}
