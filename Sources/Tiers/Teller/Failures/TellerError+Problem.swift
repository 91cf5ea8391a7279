import BankAPI
import BankClient

extension TellerError {
    /// What a problem that the bank answered with means to a person.
    static func said(
        by problem: Problem, status: Int, timeout: Timeout
    ) -> TellerError {
        let place = Place(tier: problem.tier.rawValue)
        let said = Self.said(problem)
        return switch problem.code {
        case .accountUnknown:
            TellerError(
                .noUser, "no account has this number", at: place,
                advice: "'teller accounts' lists those that you may see")
        case .deadlineExceeded:
            TellerError(
                .temporaryFailure, "no answer within \(timeout)", at: place,
                advice: "try again, or give it longer with --timeout")
        case .overloaded:
            TellerError(
                .temporaryFailure, "the bank is busy", at: place, advice: "try again in a moment")
        case .balanceServiceUnavailable:
            TellerError(
                .unavailable, "no balance-service is ready", at: .balanceService,
                advice: "'teller status' shows what runs")
        case .databaseUnavailable:
            TellerError(
                .unavailable, "the database does not answer", at: .postgreSQL,
                advice: "'teller status' shows what runs")
        case .internal:
            TellerError(
                .software, "the bank made a mistake", at: place,
                advice: "its log has the details" + trace(problem))
        case .accountInvalid, .currencyInvalid, .pageSizeInvalid, .pageTokenInvalid,
            .timeoutInvalid, .requestInvalid, .bodyNotAllowed, .bodyTooLarge, .pathTooLong,
            .headersTooLarge, .hostNotAllowed, .originNotAllowed, .idInvalid, .timeInvalid:
            TellerError(.dataError, "the bank refused the request: \(said)", at: place)
        case .versionNotReached:
            TellerError(
                .temporaryFailure, "the account did not reach that version within \(timeout)",
                at: place,
                advice: "check the version, try again, or give it longer with --timeout")
        case .outcomeUnknown:
            TellerError(
                .outcomeUnknown, "the answer was lost further down", at: place,
                advice: "'teller resume' settles the request")
        case .otherLedger:
            TellerError(
                .dataError, "this was meant for another bank", at: place,
                advice: "name that bank with --server")
        case .unauthenticated:
            TellerError(
                .noPermission, said.lowercasedFirst, at: place,
                advice: "sign in with 'teller login NAME'")
        case .forbidden: TellerError(.noPermission, said.lowercasedFirst, at: place)
        case .tooManyTries:
            TellerError(
                .temporaryFailure, said.lowercasedFirst, at: place,
                advice: problem.retryAfter.map { "try again in \($0) s" } ?? "try again later")
        case .passwordRefused, .sessionUnknown, .userInvalid, .userExists, .userUnknown:
            TellerError(.dataError, said.lowercasedFirst, at: place)
        case _ where problem.code.refusal != nil:
            TellerError(.refused, "refused: \(said.lowercasedFirst)", at: place)
        default: other(problem, said, status: status, at: place)
        }
    }

    /// A code that this client does not know, by the kind of its HTTP status.
    private static func other(
        _ problem: Problem, _ said: String, status: Int, at place: Place
    ) -> TellerError {
        switch status {
        case 422:
            TellerError(
                .refused, "refused: \(said.lowercasedFirst) (\(unknown(problem.code)))", at: place)
        case 503: TellerError(.unavailable, said, at: place, advice: "try again in a moment")
        case 429, 504: TellerError(.temporaryFailure, said, at: place, advice: "try again")
        case 500...: TellerError(.software, said, at: place, advice: "its log has the details")
        default:
            TellerError(
                .protocolError, "the bank speaks another version: \(said)", at: place,
                advice: "use a teller of the bank's version")
        }
    }

    private static func said(_ problem: Problem) -> String {
        let texts = [problem.detail, problem.title, problem.code.rawValue]
        return (texts.first { !$0.isEmpty } ?? "").shortened(toColumns: 200).withoutStop
    }

    /// A code that this client does not know.
    static func unknown(_ code: ProblemCode) -> String {
        "'\(code.rawValue.shortened(toColumns: 40))', which this teller does not know"
    }

    private static func trace(_ problem: Problem) -> String {
        problem.traceID.map { " under trace \($0.shortened(toColumns: 32))" } ?? ""
    }
}
