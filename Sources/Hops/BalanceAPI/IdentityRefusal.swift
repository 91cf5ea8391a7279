/// Why `teller.identity.v1.Identity` did nothing: the code of its Refusal. Hop 1 has problems of the same
/// names.
public enum IdentityRefusal: String, Sendable, Hashable, CaseIterable {
    /// Whoever asks has no session that counts, or proved nothing.
    case unauthenticated
    case forbidden
    case tooManyTries = "too_many_tries"
    case passwordRefused = "password_refused"
    case sessionUnknown = "session_unknown"
    case userInvalid = "user_invalid"
    case userExists = "user_exists"
    case userUnknown = "user_unknown"
}
