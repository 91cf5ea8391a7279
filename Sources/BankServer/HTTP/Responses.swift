import BankAPI
import Chain
import HTTPTypes
import Hummingbird
import NIOCore

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
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: body))
    }

    /// - Parameter route: The one that was asked, for the methods that it takes.
    static func problem(
        _ problem: Problem, trace: TraceContext?, route: MatchedRoute?
    ) -> Response {
        var problem = problem
        problem.traceID = trace?.traceIDText
        var headers: HTTPFields = [
            .contentType: Problem.mediaType, .cacheControl: "no-store",
        ]
        switch problem.code {
        case .methodNotAllowed: headers[.allow] = route?.allowedMethods
        case .overloaded, .balanceServiceUnavailable, .databaseUnavailable:
            headers[.retryAfter] = "1"
        default: break
        }
        return Response(
            status: HTTPResponse.Status(code: problem.status), headers: headers,
            body: ResponseBody(byteBuffer: problem.body))
    }
}

extension Problem {
    /// The problem as JSON.
    var body: ByteBuffer {
        // A struct of strings and a number always encodes.
        (try? BankJSON.encode(self)).map { ByteBuffer(bytes: $0) } ?? ByteBuffer()
    }
}
