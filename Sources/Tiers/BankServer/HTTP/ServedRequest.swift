import BalanceClient
import BankAPI
import Chain
import HTTPFront
import NIOHTTP1

/// A request of hop 1, from its head to its line in the log. It is used on its connection's event loop.
final class ServedRequest: RequestHandler {
    private let responder: BankResponder
    private let terms: RequestTerms
    /// Why its head gets no other answer.
    private let refusal: Problem?
    /// What kind of write it is.
    private var kind: String?
    /// Of its problem.
    private var code: ProblemCode?
    /// Whether it asked to be told something, and was not there to hear it.
    private var hasReaderLeft = false

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
        if let response = responder.operations.answer(route, peer: exchange.source) {
            return send(response, to: exchange)
        }
        guard let deadline = terms.deadline else { throw .internal(tier: .bankServer) }
        guard responder.inFlight.enter() else { throw .overloaded(tier: .bankServer) }
        let request = BankRequest(
            method: terms.method, query: terms.target.query, body: exchange.body,
            token: terms.token,
            source: responder.sources.source(exchange.source, exchange.head.headers),
            deadline: deadline, trace: terms.trace, traceState: terms.traceState)
        let beginning: BankHandler.Beginning
        do throws(Problem) {
            beginning = try responder.bank.begin(route, request, kind: { kind = $0 }) {
                self.finish($0, exchange)
            }
        } catch {
            return finish(.failure(error), exchange)
        }
        switch beginning {
        case .read(let read): exchange.onDeparture { read.cancel() }
        case .write: break
        case .task(let work):
            // Nobody's leaving ends a write.
            exchange.run(isCancelledByDeparture: !route.isWrite(terms.method)) {
                do throws(Problem) {
                    return Result<Answer, Problem>.success(try await work())
                } catch {
                    return .failure(error)
                }
            } completion: {
                self.finish($0, exchange)
            }
        }
    }

    private func finish(_ result: Result<Answer, Problem>, _ exchange: Exchange) {
        responder.inFlight.leave()
        answer(exchange, result)
    }

    private func answer(_ exchange: Exchange, _ result: Result<Answer, Problem>) {
        switch result {
        case .success(let answer): send(response(answer), to: exchange)
        case .failure(let problem):
            code = problem.code
            hasReaderLeft = exchange.hasCallerLeft && terms.route?.isWrite(terms.method) == false
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

    /// A problem is told by its code, a write by its kind: never by amounts or texts. That a reader has
    /// left is no problem.
    func didAnswer(_ status: HTTPResponseStatus) {
        responder.log.write("request") { line in
            if !hasReaderLeft, let code { line.add("code", code.rawValue) }
            if let kind { line.add("kind", kind) }
            if hasReaderLeft { line.add("left", "true") }
            line.add("method", terms.method.rawValue)
            line.add("microseconds", Int(terms.elapsed.wholeMicroseconds))
            line.add("path", terms.target.loggedPath)
            if !hasReaderLeft { line.add("status", Int(status.code)) }
            line.add("trace", terms.trace.traceIDText)
        }
    }
}
