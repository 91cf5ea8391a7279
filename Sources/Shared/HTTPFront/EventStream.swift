import NIOCore

/// An answer that goes on: server-sent events, as the HTML standard has them (section 9.2).
///
/// It is used on its connection's event loop alone. While nothing is sent, a heartbeat tells that it is
/// alive. A reader that leaves more unread than the limit, or takes nothing for too long, is closed.
public final class EventStream {
    /// Among all streams.
    let place: Int
    /// Else its end is its connection's.
    let isChunked: Bool
    let closesConnection: Bool
    private var connection: ConnectionHandler?
    private var endCallback: (() -> Void)?

    init(_ connection: ConnectionHandler, place: Int, isChunked: Bool, closesConnection: Bool) {
        self.connection = connection
        self.place = place
        self.isChunked = isChunked
        self.closesConnection = closesConnection
    }

    public var isOpen: Bool { connection != nil }

    /// Nothing is sent once the stream has ended.
    public func send(_ event: ServerSentEvent) {
        connection?.sendOnStream(event.bytes)
    }

    public func end() {
        connection?.endStream()
    }

    /// Has `body` called once the stream has ended, whoever ended it; at once when it has already.
    public func onEnd(_ body: @escaping () -> Void) {
        guard isOpen else { return body() }
        endCallback = body
    }

    func didEnd() {
        connection = nil
        endCallback?()
        endCallback = nil
    }
}

/// What a stream of events carries.
public struct ServerSentEvent: Sendable {
    /// The event's type; `nil`: a message. Line breaks are left out of it and of the id.
    public var type: String?
    public var id: String?
    public var data: String

    public init(_ data: String, type: String? = nil, id: String? = nil) {
        self.data = data
        self.type = type
        self.id = id
    }

    /// Tells nothing; whoever is in between learns by it that the stream lives.
    static let heartbeat = ByteBuffer(string: ":\n\n")

    var bytes: ByteBuffer {
        var text = ""
        if let id { text += "id: \(id.filter { !Self.isLineBreak($0) && $0 != "\0" })\n" }
        if let type { text += "event: \(type.filter { !Self.isLineBreak($0) })\n" }
        let lines = data.split(
            omittingEmptySubsequences: false, whereSeparator: Self.isLineBreak)
        for line in lines { text += "data: \(line)\n" }
        return ByteBuffer(string: text + "\n")
    }

    private static func isLineBreak(_ character: Character) -> Bool {
        character == "\n" || character == "\r" || character == "\r\n"
    }
}
