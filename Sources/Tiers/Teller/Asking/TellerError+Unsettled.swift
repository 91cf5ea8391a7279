import BankAPI

extension TellerError {
    /// Of what somebody else asked for.
    ///
    /// - Parameter what: such as `the file`.
    static func ofAnother(_ user: String, _ what: String) -> TellerError {
        TellerError(
            .noPermission, "\(what) is \(user)'s, and nobody else may go on with it",
            advice: "sign in with 'teller login \(user)'; nothing was sent")
    }

    /// Whether it is about who asks, whatever is asked.
    var isOfAsker: Bool {
        [ProblemCode.unauthenticated, .tooManyTries].contains { $0.rawValue == code }
    }

    /// Of a write that another process is about to hear of.
    static let underWay = TellerError(
        .temporaryFailure, "another teller is sending it right now",
        advice: "try again when it has ended")

    /// Of a write of which only a later version knows the request or the outcome.
    static let ofLaterTeller = TellerError(
        .protocolError, "a later version of teller wrote what this one does not know",
        advice: "settle it with that version")

    /// Of a write that was made before logins, and may be about accounts of others.
    static let hidden = TellerError(
        .noPermission, "whoever is signed in may not see what became of it",
        advice: "sign in as whose account it is about, or as an operator")

    /// Of a write that may build on one before it.
    static let afterAnother = TellerError(
        .temporaryFailure, "an earlier one is still unknown, and this one may depend on it",
        advice: "try again later")
}
