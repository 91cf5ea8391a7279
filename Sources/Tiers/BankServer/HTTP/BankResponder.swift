import BankAPI
import Chain
import HTTPFront
import NIOHTTP1

/// Answers every request of hop 1: admits it, finds its route, and logs the outcome.
///
/// One class rather than a stack of middleware: what each would do is a few lines, and a request
/// in a batch of hundreds is answered in tens of microseconds.
final class BankResponder: HTTPResponder {
    let bank: BankHandler
    let operations: OperationsHandler
    let limits = RequestLimits()
    let inFlight: InFlightLimit
    /// In lower case: what the server goes by, besides localhost and its addresses.
    let hostNames: Set<String>
    let sources: RequestSources
    let fields: HTTPHeaders
    let log: AccessLog

    /// - Parameter isByTLS: Whether callers come by TLS, be it a proxy that ends it.
    init(
        bank: BankHandler, operations: OperationsHandler, inFlight: InFlightLimit,
        hostNames: Set<String>, sources: RequestSources, isByTLS: Bool, log: AccessLog
    ) {
        self.bank = bank
        self.operations = operations
        self.inFlight = inFlight
        self.hostNames = hostNames
        self.sources = sources
        fields = BrowserFields.all(isByTLS: isByTLS)
        self.log = log
    }

    func admit(_ head: HTTPRequestHead) -> Admission {
        let terms = RequestTerms(head)
        do throws(Problem) {
            try admit(head, terms)
        } catch {
            return Admission(ServedRequest(terms, by: self, refusal: error), bodyBytes: nil)
        }
        return Admission(
            ServedRequest(terms, by: self), bodyBytes: limits.body(of: terms.route),
            bodyTime: terms.remaining)
    }

    func response(to fault: RequestFault) -> Response {
        let problem = Problem(fault)
        log.write("request") { line in
            line.add("code", problem.code.rawValue)
            line.add("status", problem.status)
        }
        return .problem(problem, trace: nil, route: nil)
    }
}
