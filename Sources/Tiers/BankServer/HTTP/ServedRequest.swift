import BalanceClient
import BankAPI
import Chain
import HTTPFront
import Logging
import NIOHTTP1

/// A request of hop 1, from its head to its line in the log. It is used on its connection's event loop.
final class ServedRequest: RequestHandler {
    private let responder: BankResponder
    private let terms: RequestTerms
    /// Why its head gets no other answer.
    private let refusal: Problem?
    private var notes = RequestNotes()

    init(_ terms: RequestTerms, by responder: BankResponder, refusal: Problem? = nil) {
        self.responder = responder
        self.terms = terms
        self.refusal = refusal
    }

    func answer(_ exchange: Exchange) {
        do throws(Problem) {
            try begin(exchange)
        } catch {
            answer(exchange, .failure(error))
        }
    }

    private func begin(_ exchange: Exchange) throws(Problem) {
        if let refusal { throw refusal }
        if let fault = exchange.fault { throw Problem(fault) }
        guard let route = terms.route else { throw .internal(tier: .bankServer) }
        // Whether the server lives is asked when it is full, too.
        if let response = responder.operations.answer(route) {
            return send(response, to: exchange)
        }
        guard let deadline = terms.deadline else { throw .internal(tier: .bankServer) }
        guard responder.inFlight.enter() else { throw .overloaded(tier: .bankServer) }
        let request = BankRequest(
            method: terms.method, query: terms.target.query, body: exchange.body,
            deadline: deadline, trace: terms.trace, traceState: terms.traceState)
        if !callBack(route, request, for: exchange) { run(route, request, for: exchange) }
    }

    /// - Returns: Whether the route is one that answers without a task.
    private func callBack(
        _ route: MatchedRoute, _ request: BankRequest, for exchange: Exchange
    ) -> Bool {
        let bank = responder.bank
        guard bank.mayBegin(on: exchange.eventLoop) else { return false }
        do throws(Problem) {
            switch try bank.begin(
                route, request, kind: { notes.kind = $0 },
                completion: { self.finish($0, exchange) })
            {
            case .none: return false
            case .read(let call): exchange.onDeparture { call.cancel() }
            case .write: break
            }
        } catch {
            finish(.failure(error), exchange)
        }
        return true
    }

    private func run(_ route: MatchedRoute, _ request: BankRequest, for exchange: Exchange) {
        let bank = responder.bank
        var request = request
        request.departure = departure(from: exchange, route)
        exchange.run(isCancelledByDeparture: request.departure != nil) { [request] in
            var notes = RequestNotes()
            let result: Result<Answer, Problem>
            do throws(Problem) {
                result = .success(try await bank.answer(route, request, notes: &notes))
            } catch {
                result = .failure(error)
            }
            return (result, notes)
        } completion: { [self] result, notes in
            self.notes = notes
            finish(result, exchange)
        }
    }

    /// - Returns: `nil` for a write: nobody's leaving ends one.
    private func departure(from exchange: Exchange, _ route: MatchedRoute) -> Departure? {
        guard !route.isWrite(terms.method) else { return nil }
        let departure = Departure()
        exchange.onDeparture { departure.leave() }
        return departure
    }

    private func finish(_ result: Result<Answer, Problem>, _ exchange: Exchange) {
        responder.inFlight.leave()
        answer(exchange, result)
    }

    private func answer(_ exchange: Exchange, _ result: Result<Answer, Problem>) {
        switch result {
        case .success(let answer): send(response(answer), to: exchange)
        case .failure(let problem):
            notes.code = problem.code
            send(.problem(problem, trace: terms.trace, route: terms.route), to: exchange)
        }
    }

    private func response(_ answer: Answer) -> Response {
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

    private func send(_ response: Response, to exchange: Exchange) {
        var response = response
        response.headers.add(name: "traceresponse", value: terms.trace.description)
        exchange.answer(response)
    }

    /// A problem is told by its code, a write by its kind: never by amounts or texts.
    func didAnswer(_ status: HTTPResponseStatus) {
        let logger = responder.logger
        guard logger.logLevel <= .info else { return }
        var metadata: Logger.Metadata = [
            "method": .string(terms.method.rawValue),
            "path": .string(terms.target.loggedPath),
            "status": .string(String(status.code)),
            "microseconds": .string(String(terms.elapsed.wholeMicroseconds)),
            "trace": .string(terms.trace.traceIDText),
        ]
        if let kind = notes.kind { metadata["kind"] = .string(kind) }
        if let code = notes.code { metadata["code"] = .string(code.rawValue) }
        logger.info("request", metadata: metadata)
    }
}
