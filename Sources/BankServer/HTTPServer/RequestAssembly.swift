import BankAPI
import NIOCore
import NIOHTTP1

/// Puts the parts of a connection's requests together, one request at a time.
///
/// What a caller sends before it has the answer to its last request (pipelining: RFC 9112, section 9.3)
/// waits here.
struct RequestAssembly {
    typealias Part = Result<HTTPServerRequestPart, HTTPParserError>

    enum State {
        /// Nothing is asked.
        case idle(since: NIODeadline)
        /// A request is on its way.
        case receiving(ReceivedRequest)
        /// A request was given out, and has no answer yet.
        case answering
        /// The last answer was given, and nothing more is heard; or there is no connection any more.
        case closed
    }

    /// What is to be done now.
    enum Action {
        case nothing
        /// Tell the caller that its body is wanted: RFC 9110, section 10.1.1.
        case sendContinue
        case answer(ReceivedRequest)
        /// What came is no HTTP.
        case refuse(HTTPParserError)
    }

    private(set) var state = State.idle(since: .now())
    private let limits: HTTPLimits
    /// Judges a request by its head.
    private let admit: (HTTPRequestHead, RequestTerms) throws(Problem) -> Void
    private var pipelined = CircularBuffer<Part>(initialCapacity: 0)
    /// What comes belongs to a body that nobody reads.
    private var isDiscarding = false

    init(
        limits: HTTPLimits, admit: @escaping (HTTPRequestHead, RequestTerms) throws(Problem) -> Void
    ) {
        self.limits = limits
        self.admit = admit
    }

    var isAnswering: Bool { if case .answering = state { true } else { false } }

    /// Whether something waits for the answer that is to be given first.
    var hasPipelined: Bool { !pipelined.isEmpty }

    mutating func take(_ part: Part) -> Action {
        switch (part, state) {
        case (_, .answering): if !isDiscarding { pipelined.append(part) }
        case (.success(.head(let head)), .idle): return begin(head)
        case (.success(.body(let bytes)), .receiving): return append(bytes)
        case (.success(.end), .receiving(var request)):
            request.isBodyRead = true
            state = .answering
            return .answer(request)
        case (.failure, .receiving): return giveUp(.bodyEndedEarly)
        case (.failure(let error), .idle): return .refuse(error)
        case (_, .closed), (.success, .idle), (.success(.head), .receiving): break
        }
        return .nothing
    }

    /// The answer was given: goes on with what waits.
    mutating func answered() -> Action {
        state = .idle(since: .now())
        while !isAnswering, let part = pipelined.popFirst() {
            switch take(part) {
            case .nothing, .sendContinue: break
            case .answer(let request): return .answer(request)
            case .refuse(let error): return .refuse(error)
            }
        }
        return .nothing
    }

    /// Gives a request out without the rest of its body.
    mutating func giveUp(_ problem: Problem) -> Action {
        guard case .receiving(var request) = state else { return .nothing }
        request.problem = problem
        isDiscarding = true
        state = .answering
        return .answer(request)
    }

    mutating func close() {
        state = .closed
        pipelined.removeAll()
    }

    private mutating func begin(_ head: HTTPRequestHead) -> Action {
        var request = ReceivedRequest(head: head, terms: RequestTerms(head))
        do throws(Problem) {
            try admit(head, request.terms)
        } catch {
            request.problem = error
        }
        state = .receiving(request)
        if let problem = request.problem, head.announcesBody { return giveUp(problem) }
        let isAsked = head.headers.first(name: "expect")?.lowercased() == "100-continue"
        return isAsked ? .sendContinue : .nothing
    }

    private mutating func append(_ bytes: ByteBuffer) -> Action {
        guard case .receiving(var request) = state else { return .nothing }
        let limit = limits.body(of: request.terms.route)
        guard request.body.count + bytes.readableBytes <= limit else {
            return giveUp(HTTPLimits.bodyTooLarge(limit))
        }
        // Without a second owner the body grows in place.
        state = .answering
        request.body.append(contentsOf: bytes.readableBytesView)
        state = .receiving(request)
        return .nothing
    }
}

extension Problem {
    static var bodyEndedEarly: Problem { .invalid("The body ended early.") }

    init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow:
            self.init(
                .headersTooLarge, detail: "The request's head is larger than is accepted.")
        default: self.init(.requestInvalid, detail: "That is not HTTP/1.1.")
        }
    }
}
