import Chain
import NIOCore
import NIOPosix

/// HTTP/2 by hand, as only somebody who means harm or has a bug writes it: RFC 9113.
enum RawHTTP2 {
    /// How a server ends what was sent to it.
    enum Answer {
        /// It closed the connection.
        case closed
        /// It ended or reset the first stream, the connection stays.
        case streamEnded
        /// It did neither in time.
        case nothing
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(type: 4)

    static func frame(type: UInt8, flags: UInt8 = 0, stream: UInt8 = 0, _ payload: [UInt8] = [])
        -> [UInt8]
    {
        let count = payload.count
        return [UInt8(count >> 16), UInt8(count >> 8 & 0xff), UInt8(count & 0xff), type, flags]
            + [0, 0, 0, stream] + payload
    }

    /// HEADERS and DATA of a GetBalances call, the stream's end included.
    static func call(message: [UInt8]) -> [UInt8] {
        headers(stream: 1) + frame(type: 0, flags: 1, stream: 1, message)
    }

    /// A whole call that watches the service's health.
    static func watch(stream: UInt8) -> [UInt8] {
        headers(stream: stream, path: "/grpc.health.v1.Health/Watch")
            + frame(type: 0, flags: 1, stream: stream, [0, 0, 0, 0, 0])
    }

    /// The head of a GetBalances call, or another.
    static func headers(
        stream: UInt8, path: String = "/teller.balance.v1.Balances/GetBalances"
    ) -> [UInt8] {
        let fields = [
            (":method", "POST"), (":scheme", "http"), (":authority", "x"),
            (":path", path),
            ("content-type", "application/grpc"), ("te", "trailers"),
        ]
        // Literals without indexing: RFC 7541, section 6.2.2.
        let block = fields.flatMap { name, value -> [UInt8] in
            [0, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
        }
        return frame(type: 1, flags: 4, stream: stream, block)
    }

    /// Sends bytes and waits for the end of the first stream or of the connection.
    static func exchange(_ bytes: [UInt8], with address: HostAndPort) async throws -> Answer {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let bound = channel.channel.eventLoop.scheduleTask(in: .seconds(60)) {
            channel.channel.close(promise: nil)
            return
        }
        let start = ContinuousClock.now
        let ended = try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: bytes))
            var answer = ByteBuffer()
            do {
                for try await var bytes in inbound {
                    answer.writeBuffer(&bytes)
                    if endsStream(answer) { return true }
                }
            } catch is IOError {
                // Reset: closed as well.
            }
            return false
        }
        bound.cancel()
        if ended { return .streamEnded }
        return start.duration(to: .now) < .seconds(59) ? .closed : .nothing
    }

    /// Whether there is a frame of stream 1 that ends it: RST_STREAM, or the flag END_STREAM.
    private static func endsStream(_ answer: ByteBuffer) -> Bool {
        var answer = answer
        while let head = answer.readBytes(length: 9) {
            let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            guard answer.readSlice(length: count) != nil else { return false }
            let endsIt = head[3] == 3 || (head[3] <= 1 && head[4] & 1 == 1)
            if head[8] == 1, endsIt { return true }
        }
        return false
    }
}
