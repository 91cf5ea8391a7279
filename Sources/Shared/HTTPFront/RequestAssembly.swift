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
        case receiving(Exchange)
        /// A request was given out, and its answer is not yet whole.
        case answering(Exchange)
        /// The last answer was given, and nothing more is heard; or there is no connection any more.
        case closed
    }

    /// What is to be done now.
    enum Action {
        case nothing
        /// Tell the caller that its body is wanted: RFC 9110, section 10.1.1.
        case sendContinue
        case answer(Exchange)
        /// What came is not HTTP.
        case refuse(RequestFault)
    }

    private(set) var state = State.idle(since: .now())
    private let server: ServerParts
    private var pipelined = CircularBuffer<Part>(initialCapacity: 0)
    /// What comes belongs to a body that nobody reads.
    private var isDiscarding = false

    init(_ server: ServerParts) {
        self.server = server
    }

    /// What is being answered.
    var answering: Exchange? {
        if case .answering(let exchange) = state { exchange } else { nil }
    }

    var isAnswering: Bool { answering != nil }

    /// Whether more was sent than the request that is being answered.
    var hasPipelined: Bool { !pipelined.isEmpty }

    /// Whether more waits than one reading can bring: a caller's end lets all be read that it sent.
    var isOverfull: Bool { pipelined.count > 16 * 1024 }

    mutating func receive(_ part: Part) -> Action {
        switch (part, state) {
        case (_, .answering): if !isDiscarding { pipelined.append(part) }
        case (.success(.head(let head)), .idle): return begin(head)
        case (.success(.body(let bytes)), .receiving(let exchange)):
            return append(bytes, to: exchange)
        case (.success(.end), .receiving(let exchange)):
            exchange.isComplete = true
            state = .answering(exchange)
            return .answer(exchange)
        case (.failure(let error), .receiving): return abort(RequestFault(error))
        case (.failure(let error), .idle): return .refuse(RequestFault(error))
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
    ///
    /// - Parameter fault: `nil` when its head was refused.
    mutating func abort(_ fault: RequestFault?) -> Action {
        guard case .receiving(let exchange) = state else { return .nothing }
        exchange.fault = fault
        (exchange.body, exchange.memory) = ([], nil)
        isDiscarding = true
        state = .answering(exchange)
        return .answer(exchange)
    }

    mutating func close() {
        state = .closed
        pipelined.removeAll()
    }

    private mutating func begin(_ head: HTTPRequestHead) -> Action {
        let admission = server.responder.admit(head)
        state = .receiving(Exchange(head, admission, server.tasks))
        if admission.bodyBytes == nil, head.announcesBody { return abort(nil) }
        return head.expectsContinue ? .sendContinue : .nothing
    }

    private mutating func append(_ bytes: ByteBuffer, to exchange: Exchange) -> Action {
        let limit = exchange.admission.bodyBytes ?? 0
        guard exchange.body.count + bytes.readableBytes <= limit else {
            return abort(.bodyTooLarge(limit: limit))
        }
        // As it arrives: what is only announced keeps nobody else's body out.
        let memory = exchange.memory ?? MemoryBudget.Reservation(of: server.bodies)
        guard memory.grow(by: bytes.readableBytes) else { return abort(.overloaded) }
        exchange.memory = memory
        exchange.body.append(contentsOf: bytes.readableBytesView)
        return .nothing
    }
}
