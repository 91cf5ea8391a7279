public import NIOCore
public import NIOHTTP1

/// What a server answers. Names and values of its header fields are the program's own: nothing of
/// them comes from a caller.
public struct Response: Sendable {
    public var status: HTTPResponseStatus
    /// But for those of the connection, the body's length and the date, which the server adds.
    public var headers: HTTPHeaders
    public var body: ByteBuffer
    /// Whether the connection ends with it.
    public var closesConnection = false

    public init(status: HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

extension ByteBuffer {
    /// Header fields as they are written.
    init(_ fields: HTTPHeaders) {
        self.init()
        for (name, value) in fields { writeField(name, value) }
    }

    /// Writes a response as HTTP/1.1 has it: RFC 9112, section 4. One buffer, so that it is sent by one
    /// system call.
    ///
    /// - Parameters:
    ///   - request: What it answers, if that was a request.
    ///   - fields: Header fields as they are written, besides the response's own.
    ///   - date: As the header field Date has it.
    mutating func write(
        _ response: Response, to request: HTTPRequestHead?, fields: ByteBuffer, date: String
    ) {
        writeHead(response.status, response.headers, fields, date)
        if response.closesConnection {
            writeField("connection", "close")
        } else if request?.version == .http1_0 {
            writeField("connection", "keep-alive")
        }
        writeField("content-length", String(response.body.readableBytes))
        writeStaticString("\r\n")
        if request?.method != .HEAD { writeImmutableBuffer(response.body) }
    }

    /// Writes what comes before a stream of events.
    mutating func writeStreamHead(
        _ headers: HTTPHeaders, _ stream: EventStream, fields: ByteBuffer, date: String
    ) {
        writeHead(.ok, headers, fields, date)
        writeStaticString("content-type: text/event-stream\r\ncache-control: no-store\r\n")
        if stream.isChunked { writeField("transfer-encoding", "chunked") }
        if stream.closesConnection { writeField("connection", "close") }
        writeStaticString("\r\n")
    }

    /// Writes a part of a body whose length is not known: RFC 9112, section 7.1.
    mutating func writeChunk(_ bytes: ByteBuffer) {
        writeString(String(bytes.readableBytes, radix: 16))
        writeStaticString("\r\n")
        writeImmutableBuffer(bytes)
        writeStaticString("\r\n")
    }

    private mutating func writeHead(
        _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ fields: ByteBuffer, _ date: String
    ) {
        writeStaticString("HTTP/1.1 ")
        writeString(String(status.code))
        writeStaticString(" ")
        writeString(status.reasonPhrase)
        writeStaticString("\r\n")
        for (name, value) in headers { writeField(name, value) }
        writeImmutableBuffer(fields)
        writeField("date", date)
    }

    private mutating func writeField(_ name: String, _ value: String) {
        writeString(name)
        writeStaticString(": ")
        writeString(value)
        writeStaticString("\r\n")
    }
}
