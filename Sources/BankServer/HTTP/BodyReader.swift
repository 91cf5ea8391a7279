import BankAPI
import Chain
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Reads the body of a request, within its limits.
struct BodyReader: Sendable {
    let limits: HTTPLimits
    let channel: any Channel

    /// - Parameter deadline: The request's; a body may take less long than it.
    /// - Throws: When the body is not JSON by its head, too large, or not there in time.
    func read(
        _ request: Request, for route: MatchedRoute, until deadline: Deadline
    ) async throws(Problem) -> [UInt8] {
        try Self.checkMediaType(request.head)
        let limit = route.takesLists ? limits.listBytes : limits.bodyBytes
        try limits.checkLength(request.head, limit: limit)
        let bound = min(deadline, .after(limits.bodyTime))
        var body: [UInt8] = []
        do {
            // Someone who sends a byte now and then keeps nothing for longer than this.
            let timer = channel.eventLoop.scheduleTask(
                in: .microseconds(bound.remaining.wholeMicroseconds)
            ) { [channel] in
                channel.close(mode: .input, promise: nil)
            }
            defer { timer.cancel() }
            for try await part in request.body {
                guard body.count + part.readableBytes <= limit else {
                    throw HTTPLimits.bodyTooLarge(limit)
                }
                body.append(contentsOf: part.readableBytesView)
            }
        } catch let problem as Problem {
            throw problem
        } catch {
            guard !bound.hasPassed else { throw .deadlineExceeded(tier: .bankServer) }
            throw .invalid("The body ended early.")
        }
        guard !bound.hasPassed else { throw .deadlineExceeded(tier: .bankServer) }
        return body
    }

    private static func checkMediaType(_ head: HTTPRequest) throws(Problem) {
        let type = head.headerFields[.contentType] ?? ""
        let media = type.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
        guard media.lowercased() == "application/json" else {
            throw .invalid("The body must be JSON, with the content-type application/json.")
        }
    }
}
