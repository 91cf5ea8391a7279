import BankAPI
import Bytes
import Ledger

extension Problem {
    static func overloaded(tier: ProblemTier) -> Problem {
        Problem(.overloaded, detail: "As much is under way as can be. Try again later.", tier: tier)
    }

    static var accountBusy: Problem {
        Problem(
            .overloaded,
            detail: "Somebody else keeps an account locked: try again later.",
            tier: .balanceService)
    }

    static func deadlineExceeded(tier: ProblemTier) -> Problem {
        Problem(
            .deadlineExceeded,
            detail: "The time that the request allows ran out. Try again, or allow more time.",
            tier: tier)
    }

    static func `internal`(tier: ProblemTier) -> Problem {
        Problem(
            .internal, detail: "This is not your mistake. The trace's id helps to find it.",
            tier: tier)
    }

    /// The one problem of a write after which it may be done, or still become so.
    static var outcomeUnknown: Problem {
        Problem(
            .outcomeUnknown,
            detail: "It may be done or not. Repeat it with the same id: that does it once.",
            tier: .balanceService)
    }

    static var sessionEnded: Problem {
        Problem(
            .unauthenticated,
            detail: "The request has no session, or one that has ended.",
            tier: .balanceService)
    }

    /// A second lets one more through.
    static var tooManyTries: Problem {
        Problem(
            .tooManyTries,
            detail: "Too much of what you asked for was refused: wait, then ask again.",
            tier: .balanceService, retryAfter: 1)
    }

    static var otherLedger: Problem {
        Problem(
            .otherLedger, detail: "The bank at this address keeps another ledger.",
            tier: .balanceService)
    }

    static var pageSizeInvalid: Problem {
        Problem(
            .pageSizeInvalid, detail: "page_size must be 1 to \(BankRoute.largestPageSize).")
    }

    static var pageTokenInvalid: Problem {
        Problem(
            .pageTokenInvalid,
            detail: "page_token must be a next_page_token of the page before it, unchanged.")
    }

    /// What the ledger refused, and why.
    static func refused(_ refusal: Refusal) -> Problem {
        Problem(
            ProblemCode(refusal: refusal.rawValue), detail: refusal.explanation,
            tier: .balanceService)
    }

    /// - Parameter code: The refusal's name on hop 2. One that is not known here is a refusal all the
    ///   same: nothing was done.
    static func refused(_ code: String) -> Problem {
        if let refusal = Refusal(rawValue: code) { return .refused(refusal) }
        // A name that hop 1 has for something else would say that.
        guard code.isCodeName, !ProblemCode(rawValue: code).isKnown
        else { return .internal(tier: .balanceService) }
        return Problem(
            ProblemCode(refusal: code),
            detail: "The ledger refused it, for a reason that is new here: \(code).",
            tier: .balanceService)
    }

    static var shuttingDown: Problem {
        Problem(
            .balanceServiceUnavailable, detail: "This bank-server is shutting down. Try again.")
    }
}

extension String {
    /// Whether it has the form of a code or kind, known or not: it can stand in JSON and in a sentence.
    var isCodeName: Bool {
        (1...64).contains(utf8.count)
            && utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte.isASCIIDigit
                    || byte == UInt8(ascii: "_")
            }
    }
}
