import BalanceAPI
import SwiftProtobuf

/// Why nothing was done, for whoever asked.
struct Refused: Error {
    let code: IdentityRefusal
    /// For people; it holds no secret.
    let detail: String
    /// When to try again.
    var wait: Duration?

    init(_ code: IdentityRefusal, _ detail: String, wait: Duration? = nil) {
        self.code = code
        self.detail = detail
        self.wait = wait
    }

    static let wrongLogin = Refused(
        .unauthenticated, "The user name or the password is wrong, or the user is disabled.")
}

extension IdentityReply {
    init(_ refused: Refused) {
        self.init()
        refusal = .with {
            $0.code = refused.code.rawValue
            $0.detail = refused.detail
            // Rounded up: a second too early is refused again.
            let wait = refused.wait?.components
            $0.retryAfterSeconds = UInt32(clamping: wait.map { $0.seconds + 1 } ?? 0)
        }
    }
}
