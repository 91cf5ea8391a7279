import Chain
import NIOCore
import NIOPosix
import NIOSSL

/// A caller that says what it likes, byte by byte, and reads what it is answered.
final class Caller {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var unread = ""

    private init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    /// Connects, and closes the connection afterwards.
    ///
    /// - Parameter tls: Checks the server's certificate for localhost.
    static func run<Result: Sendable>(
        _ server: TestServer, tls: NIOSSLContext? = nil,
        _ body: (Caller) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: server.address.host, port: server.address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(Caller(inbound, outbound))
        }
    }

    func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    /// Asks for a path, as HTTP/1.1 has it.
    func get(_ path: String, _ fields: String = "") async throws {
        try await send("GET \(path) HTTP/1.1\r\nhost: x\r\n\(fields)\r\n")
    }

    func closeOutput() { outbound.finish() }

    /// - Returns: All up to `end`, with it; what was read when the connection ends before.
    func read(until end: String) async throws -> String {
        while true {
            if let range = unread.firstRange(of: end) {
                defer { unread.removeSubrange(..<range.upperBound) }
                return String(unread[..<range.upperBound])
            }
            guard let bytes = try await inbound.next() else {
                defer { unread = "" }
                return unread
            }
            unread += String(buffer: bytes)
        }
    }

    func readToEnd() async throws -> String {
        while let bytes = try await inbound.next() { unread += String(buffer: bytes) }
        defer { unread = "" }
        return unread
    }
}
