public import NIOCore
public import NIOHTTP1

/// A request and the way to answer it. It is used on its connection's event loop alone, where an answer
/// costs no task, no lock and no other thread.
public final class Exchange {
    public let head: HTTPRequestHead
    /// The body, whole; empty when there is a ``fault``.
    public internal(set) var body: [UInt8] = []
    /// What became of the body, or of the head.
    public internal(set) var fault: RequestFault?
    /// Whether nobody will read the answer.
    public private(set) var hasCallerLeft = false

    public var eventLoop: any EventLoop { tasks.eventLoop }

    /// The IP address at the other end of the connection, as long as the answer can be sent.
    public var source: String? { connection?.source }

    let admission: Admission
    let tasks: LoopTasks
    /// Of the memory for all bodies, as long as this one is there.
    var memory: MemoryBudget.Reservation?
    /// Whether all of it was read.
    var isComplete = false
    /// As long as the answer can be sent.
    var connection: ConnectionHandler?
    private(set) var isAnswered = false
    var departureCallbacks: [() -> Void] = []

    init(_ head: HTTPRequestHead, _ admission: Admission, _ tasks: LoopTasks) {
        self.head = head
        self.admission = admission
        self.tasks = tasks
    }

    /// Sends the answer. Only the first one counts.
    public func answer(_ response: Response) {
        guard !isAnswered else { return }
        willAnswer(response.status)
        connection?.send(response, to: self)
        connection = nil
    }

    /// Answers with server-sent events, for as long as one likes.
    ///
    /// A stream is not bounded in time: it ends with ``EventStream/end()``, when the caller leaves or
    /// does not read, and first of all when the server drains.
    ///
    /// - Parameter headers: Besides those of every stream of events.
    /// - Returns: `nil` when too many streams are open, the server drains, the caller has left or asks
    ///   by HEAD: then there has to be another answer.
    public func answerWithEvents(_ headers: HTTPHeaders = [:]) -> EventStream? {
        guard !isAnswered, head.method != .HEAD else { return nil }
        let stream = connection?.openStream(headers, for: self)
        if stream != nil { connection = nil }
        return stream
    }

    /// Has `body` called once the caller has left without an answer; at once when it has left already.
    /// Whoever works on the answer may stop then.
    public func onDeparture(_ body: @escaping () -> Void) {
        guard !hasCallerLeft else { return body() }
        guard !isAnswered else { return }
        departureCallbacks.append(body)
    }

    func leave() {
        hasCallerLeft = true
        connection = nil
        let callbacks = departureCallbacks
        departureCallbacks = []
        for callback in callbacks { callback() }
    }

    func willAnswer(_ status: HTTPResponseStatus) {
        isAnswered = true
        departureCallbacks = []
        // A body that is answered is read no more.
        (body, memory) = ([], nil)
        admission.handler.didAnswer(status)
    }
}
