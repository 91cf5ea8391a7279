import BankAPI
import Chain
import HTTPFront
import NIOCore
import NIOHTTP1

/// What a route answers when all is well.
struct Answer: Sendable {
    /// JSON.
    var body: ByteBuffer
    /// What this tier did for it, for the trace.
    var call: String
    /// What the tiers behind it spent.
    var timing: ServerTiming?
}

extension Response {
    /// A balance is of this moment: no cache may keep it.
    static func json(_ body: ByteBuffer) -> Response {
        Response(
            status: .ok,
            headers: ["content-type": "application/json", "cache-control": "no-store"],
            body: body)
    }

    /// - Parameter route: The one that was asked, for the methods that it takes.
    static func problem(
        _ problem: Problem, trace: TraceContext?, route: MatchedRoute?
    ) -> Response {
        var problem = problem
        problem.traceID = trace?.traceIDText
        var headers: HTTPHeaders = [
            "content-type": Problem.mediaType, "cache-control": "no-store",
        ]
        switch problem.code {
        case .methodNotAllowed:
            if let route { headers.add(name: "allow", value: route.allowedMethods) }
        case .unauthenticated: headers.add(name: "www-authenticate", value: "Bearer")
        case .overloaded, .balanceServiceUnavailable, .databaseUnavailable:
            headers.add(name: "retry-after", value: "1")
        default: break
        }
        if let seconds = problem.retryAfter {
            headers.add(name: "retry-after", value: String(seconds))
        }
        return Response(
            status: HTTPResponseStatus(statusCode: problem.status), headers: headers,
            body: BankJSON.body(problem))
    }
}
