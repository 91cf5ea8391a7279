public import NIOCore
public import NIOHTTP1

/// What a server answers. Names and values of its header fields are the program's own: nothing of
/// them comes from a caller.
public struct Response: Sendable {
    public var status: HTTPResponseStatus
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
    /// Writes a response as HTTP/1.1 has it: RFC 9112, section 4. One buffer, so that it is sent by one
    /// system call.
    ///
    /// - Parameter request: What it answers, if that was a request.
    public mutating func write(_ response: Response, to request: HTTPRequestHead?) {
        writeStaticString("HTTP/1.1 ")
        writeString(String(response.status.code))
        writeStaticString(" ")
        writeString(response.status.reasonPhrase)
        writeStaticString("\r\n")
        for (name, value) in response.headers { writeField(name, value) }
        if response.closesConnection {
            writeField("connection", "close")
        } else if request?.version == .http1_0 {
            writeField("connection", "keep-alive")
        }
        writeField("content-length", String(response.body.readableBytes))
        writeStaticString("\r\n")
        if request?.method != .HEAD { writeImmutableBuffer(response.body) }
    }

    private mutating func writeField(_ name: String, _ value: String) {
        writeString(name)
        writeStaticString(": ")
        writeString(value)
        writeStaticString("\r\n")
    }
}
