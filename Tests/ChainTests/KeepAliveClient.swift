import Chain
import Foundation
import NIOCore
import NIOPosix

/// An answer of the bank server.
struct HTTPAnswer: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: String

    /// The problem's code, or nothing for an invalid answer.
    var problemCode: String? {
        body.firstMatch(of: /"code" ?: ?"([a-z_]+)"/).map { String($0.1) }
    }
}

/// The outcome of a request.
enum Exchange: Sendable {
    case answered(HTTPAnswer)
    /// The connection could not be made, or ended before it had carried any answer: the server's
    /// process may never have seen it.
    case notAccepted(String)
    /// The connection had been used and ended without a byte of the answer.
    case lost
    /// The connection ended within the answer, or nothing came for too long.
    case broken
}

/// HTTP/1.1 by hand, on one connection at a time, so that a test knows the outcome of each request:
/// a client library may try again by itself.
struct KeepAliveClient {
    static let bound = TimeAmount.seconds(30)

    let address: HostAndPort

    /// One request on a connection of its own.
    static func get(
        _ path: String, headers: [String: String] = [:], from address: HostAndPort
    ) async throws -> Exchange {
        var result = Exchange.broken
        await KeepAliveClient(address: address).connection(path, headers) { exchange in
            result = exchange
            return false
        }
        return result
    }

    /// Sends requests until `next` has enough, on new connections when the server closes one.
    func run(_ path: String, _ next: (Exchange) -> Bool) async {
        var goesOn = true
        while goesOn, !Task.isCancelled {
            await connection(path, [:]) { exchange in
                goesOn = next(exchange)
                return goesOn
            }
        }
    }

    /// Sends requests on one connection as long as it lasts and `next` wants.
    private func connection(
        _ path: String, _ headers: [String: String], _ next: (Exchange) -> Bool
    ) async {
        var answers = 0
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.seconds(10))
                .connect(host: address.host, port: address.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                            wrappingChannelSynchronously: channel)
                    }
                }
            let head =
                "GET \(path) HTTP/1.1\r\nHost: \(address)\r\n"
                + headers.map { "\($0.key): \($0.value)\r\n" }.joined() + "\r\n"
            try await channel.executeThenClose { inbound, outbound in
                var inbound = inbound.makeAsyncIterator()
                while true {
                    let bound = channel.channel.eventLoop.scheduleTask(in: Self.bound) {
                        channel.channel.close(promise: nil)
                        return
                    }
                    defer { bound.cancel() }
                    var received = ByteBuffer()
                    do {
                        try await outbound.write(ByteBuffer(string: head))
                        while true {
                            if let answer = HTTPAnswer(parsing: received) {
                                answers += 1
                                let isLast = answer.headers["connection"] == "close"
                                if !next(.answered(answer)) || isLast { return }
                                break
                            }
                            guard var bytes = try await inbound.next() else {
                                throw ChannelError.eof
                            }
                            received.writeBuffer(&bytes)
                        }
                    } catch {
                        if received.readableBytes > 0 {
                            _ = next(.broken)
                        } else {
                            _ = next(answers > 0 ? .lost : .notAccepted("\(error)"))
                        }
                        return
                    }
                }
            }
        } catch {
            if answers == 0 { _ = next(.notAccepted("\(error)")) }
        }
    }
}

extension HTTPAnswer {
    /// - Returns: nil as long as bytes are missing.
    init?(parsing buffer: ByteBuffer) {
        let text = String(buffer: buffer)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count >= 2, let status = Int(words[1]) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        let body = text[end.upperBound...]
        guard body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 else { return nil }
        self.init(status: status, headers: headers, body: String(body))
    }
}
