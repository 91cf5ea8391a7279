import BankAPI
import Chain
import HTTPFront
import Logging
import NIOCore
import NIOHTTP1

/// Answers every request of hop 1: admits it, finds its route, and logs the outcome.
///
/// One function rather than a stack of middleware: what each would do is a few lines, and a request
/// in a batch of hundreds is answered in tens of microseconds.
struct BankResponder: Sendable {
    let bank: BankHandler
    let operations: OperationsHandler
    let limits: HTTPLimits
    let inFlight: InFlightLimit
    let bodies: MemoryBudget
    /// In lower case: what the server goes by, besides localhost and its addresses.
    let hostNames: Set<String>
    let drain: DrainState
    let logger: Logger
    let date = HTTPDate()

    func respond(to request: ReceivedRequest) async -> Response {
        let terms = request.terms
        var notes = RequestNotes()
        var response: Response
        do throws(Problem) {
            response = try await answer(request, notes: &notes)
        } catch {
            notes.code = error.code
            response = .problem(error, trace: terms.trace, route: terms.route)
        }
        response.headers.add(name: "traceresponse", value: terms.trace.description)
        // A body that nobody reads ends its connection.
        response.closesConnection =
            drain.isDraining || request.head.announcesBody && !request.isComplete
        log(request, response, notes)
        return dated(response)
    }

    /// Answers what is no HTTP.
    func refuse(_ error: HTTPParserError) -> Response {
        let problem = Problem(error)
        var response = Response.problem(problem, trace: nil, route: nil)
        response.closesConnection = true
        logger.info(
            "request",
            metadata: [
                "status": .string(String(problem.status)), "code": .string(problem.code.rawValue),
            ])
        return dated(response)
    }

    private func dated(_ response: Response) -> Response {
        var response = response
        response.headers.add(name: "date", value: date.now)
        return response
    }

    private func answer(
        _ request: ReceivedRequest, notes: inout RequestNotes
    ) async throws(Problem) -> Response {
        if let problem = request.problem { throw problem }
        let terms = request.terms
        guard let route = terms.route else { throw .internal(tier: .bankServer) }
        // Whether the server lives is asked when it is full, too.
        if let response = operations.answer(route) { return response }
        guard let deadline = terms.deadline else { throw .internal(tier: .bankServer) }
        guard inFlight.enter() else { throw .overloaded(tier: .bankServer) }
        defer { inFlight.leave() }
        let asked = BankRequest(
            method: request.head.method, query: terms.target.query, body: request.body,
            deadline: deadline, trace: terms.trace, traceState: request.head.traceState,
            departure: request.departure)
        let answer = try await bank.answer(route, asked, notes: &notes)
        return response(answer, terms)
    }

    private func response(_ answer: Answer, _ terms: RequestTerms) -> Response {
        var response = Response.json(answer.body)
        if terms.trace.isSampled {
            let own = ServerTiming.Metric(
                name: ProblemTier.bankServer.rawValue, duration: terms.elapsed,
                detail: answer.call)
            response.headers.add(
                name: ServerTiming.headerName,
                value: ServerTiming([own] + (answer.timing?.metrics ?? [])).description)
        }
        return response
    }

    /// A problem is told by its code, a write by its kind: never by amounts or texts.
    private func log(_ request: ReceivedRequest, _ response: Response, _ notes: RequestNotes) {
        guard logger.logLevel <= .info else { return }
        let terms = request.terms
        var metadata: Logger.Metadata = [
            "method": .string(request.head.method.rawValue),
            "path": .string(terms.target.loggedPath),
            "status": .string(String(response.status.code)),
            "microseconds": .string(String(terms.elapsed.wholeMicroseconds)),
            "trace": .string(terms.trace.traceIDText),
        ]
        if let kind = notes.kind { metadata["kind"] = .string(kind) }
        if let code = notes.code { metadata["code"] = .string(code.rawValue) }
        logger.info("request", metadata: metadata)
    }
}

extension HTTPRequestHead {
    /// W3C Trace Context, section 3.3: several fields are one list.
    fileprivate var traceState: String? {
        let fields = headers["tracestate"]
        return fields.isEmpty ? nil : fields.joined(separator: ",")
    }
}
