public import NIOHTTP1

/// What a program has to say of each request that its server gets. Everything is called on the
/// connections' event loops, and blocks none of them.
///
/// These are classes, so that a call copies and allocates nothing.
public protocol HTTPResponder: AnyObject, Sendable {
    /// Header fields of each answer.
    var fields: HTTPHeaders { get }

    /// Judges a request by its head, before anything else of it is read.
    func admit(_ head: HTTPRequestHead) -> Admission

    /// Answers what is not HTTP, and so not a request; the connection ends with it.
    func response(to fault: RequestFault) -> Response
}

/// A responder's part of one request, from its head to its answer.
public protocol RequestHandler: AnyObject {
    /// Called once, when the request is whole or has a fault: an answer must follow, now or later, also
    /// when the caller has left.
    func answer(_ exchange: Exchange)

    /// Called once, as the answer is sent or there is nobody to send it to: for a line in the log.
    func didAnswer(_ status: HTTPResponseStatus)
}

/// What was found by a request's head.
public struct Admission {
    let handler: any RequestHandler
    let bodyBytes: Int?
    let bodyTime: Duration

    /// - Parameters:
    ///   - handler: Has to answer, be it why the request is refused.
    ///   - bodyBytes: The largest body; `nil` when the request is refused: nothing of a body is read, and
    ///     the connection on which one follows ends with the answer.
    ///   - bodyTime: How long it may take to arrive, within the limits of all.
    public init(_ handler: any RequestHandler, bodyBytes: Int?, bodyTime: Duration = .zero) {
        self.handler = handler
        self.bodyBytes = bodyBytes
        self.bodyTime = bodyTime
    }
}

/// Why a request cannot be answered as it was meant.
public enum RequestFault: Error, Sendable, Equatable {
    case notHTTP
    case headTooLarge
    case bodyEndedEarly
    /// - Parameter limit: In bytes.
    case bodyTooLarge(limit: Int)
    case bodyTimedOut
    /// There is no memory left for its body.
    case overloaded

    init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow: self = .headTooLarge
        case .invalidEOFState: self = .bodyEndedEarly
        default: self = .notHTTP
        }
    }
}

extension HTTPResponder {
    public var fields: HTTPHeaders { [:] }
}
