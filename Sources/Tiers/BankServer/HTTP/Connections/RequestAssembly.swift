import BankAPI
import HTTPFront
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
    private let responder: BankResponder
    private var pipelined = CircularBuffer<Part>(initialCapacity: 0)
    /// What comes belongs to a body that nobody reads.
    private var isDiscarding = false

    init(_ responder: BankResponder) {
        self.responder = responder
    }

    var isAnswering: Bool { if case .answering = state { true } else { false } }

    /// Whether more was sent than the request that is being answered.
    var hasPipelined: Bool { !pipelined.isEmpty }

    /// Whether more waits than one reading can bring: a caller's end lets all be read that it sent.
    var isOverfull: Bool { pipelined.count > Self.mostPipelined }

    private static let mostPipelined = 16 * 1024

    mutating func receive(_ part: Part) -> Action {
        switch (part, state) {
        case (_, .answering): if !isDiscarding { pipelined.append(part) }
        case (.success(.head(let head)), .idle): return begin(head)
        case (.success(.body(let bytes)), .receiving): return append(bytes)
        case (.success(.end), .receiving(var request)):
            request.isComplete = true
            state = .answering
            return .answer(request)
        case (.failure(let error), .receiving): return abort(Problem(error))
        case (.failure(let error), .idle): return .refuse(error)
        case (_, .closed), (.success, .idle), (.success(.head), .receiving): break
        }
        return .nothing
    }

    /// The answer was given: goes on with what waits.
    mutating func answered() -> Action {
        guard isAnswering else { return .nothing }
        state = .idle(since: .now())
        var action = Action.nothing
        while !isAnswering, let part = pipelined.popFirst() {
            action = receive(part)
            if case .refuse = action { break }
        }
        // A queue that was long once gives its memory back.
        if pipelined.isEmpty { pipelined.removeAll() }
        return action
    }

    /// Gives a request out without the rest of its body.
    mutating func abort(_ problem: Problem) -> Action {
        guard case .receiving(var request) = state else { return .nothing }
        request.problem = problem
        (request.body, request.memory) = ([], nil)
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
            try responder.admit(head, request.terms)
        } catch {
            request.problem = error
        }
        state = .receiving(request)
        if let problem = request.problem, head.announcesBody { return abort(problem) }
        return head.expectsContinue ? .sendContinue : .nothing
    }

    private mutating func append(_ bytes: ByteBuffer) -> Action {
        guard case .receiving(var request) = state else { return .nothing }
        let limit = responder.limits.body(of: request.terms.route)
        guard request.body.count + bytes.readableBytes <= limit else {
            return abort(.bodyTooLarge(limit))
        }
        // As it arrives: what is only announced keeps nobody else's body out.
        let memory = request.memory ?? responder.bodies.reservation()
        guard memory.grow(by: bytes.readableBytes) else {
            return abort(.overloaded(tier: .bankServer))
        }
        request.memory = memory
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
        case .invalidEOFState: self = .bodyEndedEarly
        default: self.init(.requestInvalid, detail: "That is not HTTP/1.1.")
        }
    }
}
