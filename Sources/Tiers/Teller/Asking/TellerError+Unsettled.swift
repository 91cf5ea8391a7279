extension TellerError {
    /// Of a write that another process is about to hear of.
    static let underWay = TellerError(
        .temporaryFailure, "another teller is sending it right now",
        advice: "try again when it has ended")

    /// Of a write of which only a later version knows the request or the outcome.
    static let ofLaterTeller = TellerError(
        .protocolError, "a later version of teller wrote what this one does not know",
        advice: "settle it with that version")

    /// Of a write that may build on one before it.
    static let afterAnother = TellerError(
        .temporaryFailure, "an earlier one is still unknown, and this one may depend on it",
        advice: "try again later")
}
