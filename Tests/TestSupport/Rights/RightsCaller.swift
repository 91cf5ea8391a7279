/// Who asks in the tests of rights. Those whose session does not count are operators, who might do it all.
public enum RightsCaller: String, Sendable, CaseIterable {
    case nobody
    /// With what has not the form of a token.
    case malformed
    /// With the token of no session.
    case stranger
    case expired, revoked, idle, disabled
    /// A customer; and the payer of what is transferred and held.
    case owner
    /// A customer, who gets it.
    case payee
    /// A customer who has no part in it: each time another one, as the tries of one person are bounded.
    case another
    case `operator`

    /// Those whose session does not count.
    public static let signedOut: [RightsCaller] = [
        .nobody, .malformed, .stranger, .expired, .revoked, .idle, .disabled,
    ]

    /// Nil where there is no token that has its form.
    ///
    /// - Parameter number: Of the rule that she is to break.
    func session(for number: Int) -> TestSession? {
        switch self {
        case .nobody, .malformed: nil
        case .stranger: TestSession(user: "nobody")
        case .expired: TestSession(user: "olga", isOperator: true, state: .expired)
        case .revoked: TestSession(user: "olga", isOperator: true, state: .ended)
        case .idle: TestSession(user: "olga", isOperator: true, state: .idle)
        case .disabled: TestSession(user: "dora", isOperator: true, state: .disabled)
        case .owner: TestSession(user: "alice")
        case .payee: TestSession(user: "daniel")
        case .another: TestSession(user: "other\(number)")
        case .operator: TestSession(user: "olga", isOperator: true)
        }
    }

    /// What the trail has of it that she was refused.
    func event(of session: TestSession?) -> String {
        Self.signedOut.contains(self) ? "session_refused|" : "act_refused|\(session?.user ?? "")"
    }
}
