import BalanceAPI
import Chain
import Ledger
import Postgres

/// Somebody to be added by whoever runs the bank.
struct NewPerson: Sendable {
    private static let patience = Duration.seconds(30)

    let user: String
    let rights: Person.Rights
    let password: Secret
    var isDemo = false

    /// The owners of the demo accounts, and who does the bank's work.
    static func demo(password: () -> Secret) -> [NewPerson] {
        ["alice", "bruno", "chiara", "daniel", "emi"].map {
            NewPerson(user: $0, rights: .customer, password: password(), isDemo: true)
        } + [
            NewPerson(user: "operator", rights: .operator, password: password(), isDemo: true)
        ]
    }

    /// - Throws: ``TierFailure``.
    func check(bank: String) throws(TierFailure) {
        guard UserName(user) != nil else {
            throw TierFailure(
                "'\(user)': a user's name has 2 to 32 lower-case letters, digits, dots, hyphens "
                    + "and underscores, a letter first", .dataError)
        }
        do throws(Refused) {
            try PasswordRules.check(password, user: user, bank: bank)
        } catch {
            throw TierFailure(error.detail, .dataError)
        }
    }

    /// - Parameter resets: Whether somebody of her name gets the password instead, and her sessions end.
    /// - Returns: Whether the password counts now.
    func add(to connection: PostgresConnection, resets: Bool = false) async throws -> Bool {
        // Nothing else runs here that it would keep waiting.
        let hash = try Argon2().hash(password)
        let deadline = ContinuousClock.now + Self.patience
        let (user, rights, isDemo) = (user, rights, isDemo)
        return try await connection.transaction(
            opening: [Person.query(user)], deadline: deadline
        ) { rows in
            guard let person = try rows[0].first.map({ try Person($0) }) else {
                let event = SecurityEvent(kind: .userAdded, user: user)
                let insertion = Person.insertion(user, rights, password: hash, isDemo: isDemo)
                return ([insertion, event.insertion], true)
            }
            guard resets else { return ([], false) }
            let event = SecurityEvent(kind: .userReset, user: user)
            return (
                [Person.change(person.id, password: hash, isDemo: isDemo)]
                    + KnownSession.ending(of: person.id) + [event.insertion], true
            )
        }
    }
}
