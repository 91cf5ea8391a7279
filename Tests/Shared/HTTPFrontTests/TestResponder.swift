import HTTPFront
import NIOCore
import NIOHTTP1
import TestSupport

/// Answers a path as its name says, and tells what happened.
final class TestResponder: HTTPResponder {
    /// A request that waits for its test.
    struct Kept: Sendable {
        let eventLoop: any EventLoop
        private let exchange: NIOLoopBound<Exchange>

        init(_ exchange: Exchange) {
            eventLoop = exchange.eventLoop
            self.exchange = NIOLoopBound(exchange, eventLoop: exchange.eventLoop)
        }

        func use<Result: Sendable>(
            _ body: @escaping @Sendable (Exchange) -> Result
        ) async throws -> Result {
            try await eventLoop.submit { body(exchange.value) }.get()
        }
    }

    /// What happened, in order.
    let signals: AsyncStream<String>
    let kept: AsyncStream<Kept>
    /// Raised with a stream that sends more than its caller takes.
    let hasBegunStream = Flag()
    private let signal: AsyncStream<String>.Continuation
    private let keep: AsyncStream<Kept>.Continuation
    /// Lets tasks end that wait for it.
    let release: AsyncStream<Void>.Continuation
    fileprivate let released: AsyncStream<Void>

    init() {
        (signals, signal) = AsyncStream.makeStream()
        (kept, keep) = AsyncStream.makeStream()
        (released, release) = AsyncStream.makeStream()
    }

    func admit(_ head: HTTPRequestHead) -> Admission {
        let handler = TestHandler(head.uri, self)
        guard head.uri != "/refused" else { return Admission(handler, bodyBytes: nil) }
        return Admission(handler, bodyBytes: 100, bodyTime: .seconds(30))
    }

    func response(to fault: RequestFault) -> Response { .text(.badRequest, "\(fault)") }

    func tell(_ what: String) { signal.yield(what) }

    func keep(_ exchange: Exchange) { keep.yield(Kept(exchange)) }

    /// Waits until it happens, or is over.
    func wait(for what: String) async -> Bool {
        await signals.first { $0 == what } != nil
    }

    func nextKept() async -> Kept? { await kept.first { _ in true } }
}

private final class TestHandler: RequestHandler {
    private let path: String
    private let responder: TestResponder

    init(_ path: String, _ responder: TestResponder) {
        self.path = path
        self.responder = responder
    }

    func answer(_ exchange: Exchange) {
        if let fault = exchange.fault { return exchange.answer(.text(.badRequest, "\(fault)")) }
        let responder = responder
        switch path {
        case "/now": exchange.answer(.text(.ok, "now"))
        case "/echo": exchange.answer(.text(.ok, String(decoding: exchange.body, as: UTF8.self)))
        case "/refused": exchange.answer(.text(.forbidden, "refused"))
        case "/later":
            exchange.onDeparture { responder.tell("left") }
            responder.keep(exchange)
        case "/read", "/write":
            exchange.run(isCancelledByDeparture: path == "/read") { [path] in
                responder.tell("\(path) begins")
                for await _ in responder.released { break }
                return Task.isCancelled ? "cancelled" : "done"
            } completion: { result in
                responder.tell("\(result)")
                exchange.answer(.text(.ok, result))
            }
        case "/events":
            guard let stream = exchange.answerWithEvents(["x": "y"]) else {
                return exchange.answer(.text(.serviceUnavailable, "too many"))
            }
            stream.onEnd { responder.tell("stream ends") }
            stream.send(ServerSentEvent("one\ntwo", type: "greeting", id: "1"))
        case "/end":
            let stream = exchange.answerWithEvents()
            stream?.send(ServerSentEvent("last"))
            stream?.end()
        case "/burst", "/flood":
            responder.hasBegunStream.raise()
            guard let stream = exchange.answerWithEvents() else { return }
            stream.onEnd { responder.tell("stream ends") }
            if path == "/flood" { return flood(stream, exchange) }
            stream.send(ServerSentEvent(String(repeating: "x", count: 16 << 20)))
        default: exchange.answer(.text(.notFound, path))
        }
    }

    /// Sends for as long as anybody is there.
    private func flood(_ stream: EventStream, _ exchange: Exchange) {
        let event = ServerSentEvent(String(repeating: "x", count: 64 * 1024))
        let loop = exchange.eventLoop.assumeIsolated()
        func sendMore() {
            guard stream.isOpen else { return }
            stream.send(event)
            loop.execute { sendMore() }
        }
        sendMore()
    }

    func didAnswer(_ status: HTTPResponseStatus) { responder.tell("\(path) \(status.code)") }
}

extension Response {
    static func text(_ status: HTTPResponseStatus, _ text: String) -> Response {
        Response(
            status: status, headers: ["content-type": "text/plain"], body: ByteBuffer(string: text))
    }
}
