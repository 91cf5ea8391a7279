extension TellerError {
    /// Of a write that another process is about to hear of.
    static let underWay = TellerError(
        .temporaryFailure, "another teller is asking for it just now",
        advice: "try again when it has ended")

    /// Of a write of which only a later version knows what was asked, or what came of it.
    static let ofLaterTeller = TellerError(
        .protocolError, "a later teller wrote of it what this one does not know",
        advice: "settle it with that version")

    /// Of a write that may build on one before it.
    static let afterAnother = TellerError(
        .temporaryFailure, "one before it is still unknown, and it may need what that one does",
        advice: "try again later")
}
