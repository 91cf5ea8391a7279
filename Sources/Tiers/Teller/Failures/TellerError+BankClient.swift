import BankAPI
import BankClient
import Ledger

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Asks a bank through hop 1's client, and says a failure as teller does.
func asking<Value>(
    _ call: @autoclosure () async throws(BankClientError) -> Value
) async throws(TellerError) -> Value {
    do throws(BankClientError) {
        return try await call()
    } catch {
        throw TellerError(error)
    }
}

/// As ``asking(_:)``, of what is not repeated, and is in no journal.
///
/// - Parameter cure: What to do when nobody knows whether it was done.
func asking<Value>(
    _ call: @autoclosure () async throws(BankClientError) -> Value, elseUnknown cure: String
) async throws(TellerError) -> Value {
    do throws(BankClientError) {
        return try await call()
    } catch {
        guard error.leavesUnknown else { throw TellerError(error) }
        throw TellerError(error).changed {
            $0.status = .outcomeUnknown
            $0.advice = "it may be done or not: \(cure)"
        }
    }
}

extension BankClientError {
    /// Whether a request that was sent may have been done.
    fileprivate var leavesUnknown: Bool {
        switch reason {
        case .noAnswer, .unfinishedAnswer, .answerBrokeOff, .closedWithoutAnswer, .cancelled: true
        default: code == .outcomeUnknown
        }
    }
}

extension TellerError {
    /// What a failure of hop 1's client means to a person.
    init(_ error: BankClientError) {
        self = Self.meaning(error)
        code = error.code?.rawValue
        // The ledger's answers to a write all end alike.
        if error.isRefusal, status != .refused {
            self = said(after: "refused: ")
            status = .refused
        }
    }

    private static func meaning(_ error: BankClientError) -> TellerError {
        var failure = meaning(error.reason, error)
        if failure.place == nil { failure.place = error.address.map { Place.hop1($0).description } }
        return failure
    }

    private static func meaning(
        _ reason: BankClientError.Reason, _ error: BankClientError
    ) -> TellerError {
        let timeout = Timeout(error.timeout)
        let correction = error.address?.correction ?? ""
        return switch reason {
        case .problem(let problem, let status):
            said(by: problem, status: status, timeout: timeout)
        case .refused(let code):
            TellerError(.refused, "refused: \(code.words ?? unknown(code))")
        case .partlyDone(let done, let all):
            TellerError(.protocolError, "the bank says that \(done) of \(all) are done")
        case .notABank(let reason):
            TellerError(
                .protocolError, "that is not a bank's answer: \(reason)", advice: correction)
        case .notHTTP:
            TellerError(
                .protocolError, "the answer is not HTTP", advice: "\(correction) to a bank's")
        case .answerTooLarge:
            TellerError(
                .protocolError,
                "the answer is larger than \(BankClient.largestAnswer >> 20) MB",
                advice: "\(correction) to a bank's")
        case .noConnection: outOfTime("no connection within \(timeout)")
        case .noAnswer: outOfTime("no answer within \(timeout)")
        case .unfinishedAnswer: outOfTime("the answer did not end within \(timeout)")
        case .outOfTimeBeforeSending: outOfTime("out of time before anything was sent")
        case .cancelled: TellerError(.interrupted, "interrupted")
        case .cancelledBeforeSending:
            TellerError(.interrupted, "interrupted before anything was sent")
        case .unwritableRequest:
            TellerError(.software, "the request cannot be written as JSON")
        case .unknownHost: TellerError(.noHost, "no host has this name", advice: correction)
        default: unavailable(reason, error.address)
        }
    }

    private static func outOfTime(_ what: String) -> TellerError {
        TellerError(
            .temporaryFailure, what, advice: "try again, or give it longer with --timeout")
    }

    /// Of a connection that did not come about, or that broke off.
    private static func unavailable(
        _ reason: BankClientError.Reason, _ address: BankAddress?
    ) -> TellerError {
        let closed = "the connection was closed without an answer"
        let check = "check that a bank listens there"
        let (what, advice) =
            switch reason {
            case .proxy(let status):
                ("a proxy answers \(status) in the bank's place", "try again in a moment")
            case .answerBrokeOff:
                ("the connection broke off in the middle of the answer", "try again")
            case .closedWithoutAnswer: (closed, "\(check), and try again")
            case .tlsFailed:
                ("no TLS connection could be made", "check its certificate, and --ca")
            case .system(ECONNREFUSED): ("connection refused", address?.startOrCorrect ?? "")
            case .system(ECONNRESET), .system(EPIPE): (closed, check)
            case .system(ENETUNREACH), .system(EHOSTUNREACH), .system(EADDRNOTAVAIL):
                ("the host cannot be reached", "check the network, or \(address?.correction ?? "")")
            case .system(let number):
                ("the connection failed: \(String(cString: strerror(number)))", "try again")
            default: ("the connection failed", check)
            }
        return TellerError(.unavailable, what, advice: advice)
    }
}

extension ProblemCode {
    /// Why the ledger refuses with this code, to go on within another sentence; `nil` for a code that
    /// this teller does not know, or that is no refusal.
    var words: String? { refusal?.explanation.withoutStop.lowercasedFirst }
}
