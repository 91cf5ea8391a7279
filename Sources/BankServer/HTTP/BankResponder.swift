import BankAPI
import Chain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Answers every request of hop 1: admits it, finds its route, and tells what came of it.
///
/// One function rather than a stack of middleware: what each would do is a few lines, and a request
/// in a batch of hundreds is answered in tens of microseconds.
struct BankResponder: HTTPResponder {
    typealias Context = BankContext

    let bank: BankHandler
    let operations: OperationsHandler
    let limits: HTTPLimits
    let inFlight: InFlightLimit
    let drain: DrainState
    let logger: Logger

    func respond(to request: Request, context: BankContext) async throws -> Response {
        let start = ContinuousClock.now
        let trace = TraceContext.serving(request.head)
        let route = MatchedRoute(path: request.uri.path)
        var notes = RequestNotes()
        var response: Response
        do throws(Problem) {
            let body = BodyReader(limits: limits, channel: context.channel)
            response = try await answer(
                request, route, body, trace: trace, start: start, notes: &notes)
        } catch {
            notes.code = error.code
            response = .problem(error, trace: trace, route: route)
        }
        response.headers[.traceresponse] = trace.description
        // A body that nobody reads ends its connection.
        if drain.isDraining || request.head.announcesBody && !notes.isBodyRead {
            response.headers[.connection] = "close"
        }
        log(request, response, trace: trace, start: start, notes: notes)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ request: Request, _ route: MatchedRoute?, _ body: BodyReader, trace: TraceContext,
        start: ContinuousClock.Instant, notes: inout RequestNotes
    ) async throws(Problem) -> Response {
        try limits.checkPath(request.head)
        guard let route else {
            throw Problem(
                .routeUnknown, detail: "See \(BankRoute.openAPI) for the paths that there are.")
        }
        guard route.methods.contains(request.method) else {
            throw Problem(.methodNotAllowed, detail: "It takes \(route.allowedMethods).")
        }
        let isPost = request.method == .post
        if !isPost { try limits.checkNoBody(request.head) }
        // Whether the server lives is asked when it is full, too.
        if let response = operations.answer(route) { return response }
        guard let deadline = Deadline.asked(by: request.head) else {
            throw Problem(
                .timeoutInvalid,
                detail: "grpc-timeout must be up to eight digits and a unit, such as 500m or 5S.")
        }
        guard !deadline.hasPassed else { throw .deadlineExceeded(tier: .bankServer) }
        guard inFlight.enter() else { throw .overloaded(tier: .bankServer) }
        defer { inFlight.leave() }
        var asked = BankRequest(
            method: request.method, uri: request.uri, deadline: deadline, trace: trace)
        if isPost {
            asked.body = try await body.read(request, for: route, until: deadline)
            notes.isBodyRead = true
        }
        let answer = try await bank.answer(route, asked, notes: &notes)
        return response(answer, trace: trace, start: start)
    }

    private func response(
        _ answer: Answer, trace: TraceContext, start: ContinuousClock.Instant
    ) -> Response {
        var response = Response.json(answer.body)
        if trace.isSampled {
            let own = ServerTiming.Metric(
                name: ProblemTier.bankServer.rawValue, duration: .now - start,
                detail: answer.call)
            response.headers[.serverTiming] =
                ServerTiming([own] + (answer.timing?.metrics ?? [])).description
        }
        return response
    }

    /// A problem is told by its code, a write by its kind: never by amounts or texts.
    private func log(
        _ request: Request, _ response: Response, trace: TraceContext,
        start: ContinuousClock.Instant, notes: RequestNotes
    ) {
        var metadata: Logger.Metadata = [
            "method": .string(request.method.rawValue),
            "path": .string(String(request.uri.path.prefix(HTTPLimits.loggedPathCharacters))),
            "status": .string(String(response.status.code)),
            "microseconds": .string(String((.now - start).wholeMicroseconds)),
            "trace": .string(trace.traceIDText),
        ]
        if let kind = notes.kind { metadata["kind"] = .string(kind) }
        if let code = notes.code { metadata["code"] = .string(code.rawValue) }
        logger.info("request", metadata: metadata)
    }
}

extension ContinuousClock.Instant {
    fileprivate static func - (later: Self, earlier: Self) -> Duration {
        earlier.duration(to: later)
    }
}
