import NIOCore
import NIOPosix
import Synchronization

/// A server that says on hop 1 what a test tells it to, byte for byte.
final class FakeBank: Sendable {
    struct Request: Sendable {
        var method = "GET"
        var path: String
        /// Names in lower case.
        var headers: [String: String]
        var body = ""
    }

    enum Reply: Sendable {
        /// A whole answer; the connection stays open.
        case answer(_ status: String = "200 OK", type: String, body: String, more: String = "")
        /// These bytes and no more; the connection stays open, or ends.
        case bytes(String, closes: Bool)
        case reset
        case silence

        static func json(_ body: String, more: String = "") -> Reply {
            .answer(type: "application/json", body: body, more: more)
        }

        static func problem(
            _ status: String, _ code: String, tier: String, detail: String = "It is so.",
            more: String = ""
        ) -> Reply {
            .answer(
                status, type: "application/problem+json",
                body: """
                    {"type":"urn:problem:teller:\(code)","title":"T","status":\(status.prefix(3)),\
                    "detail":"\(detail)","code":"\(code)","tier":"\(tier)","trace_id":"ab12"}
                    """, more: more)
        }
    }

    typealias Behaviour = @Sendable (Request) -> Reply

    let url: String
    private let seen: Log

    /// The requests so far.
    var requests: [Request] { seen.requests.withLock { $0 } }

    private init(port: Int, seen: Log) {
        url = "http://127.0.0.1:\(port)"
        self.seen = seen
    }

    /// Runs a server for as long as `body` does.
    static func serving<Result>(
        _ behaviour: @escaping Behaviour, _ body: (FakeBank) async throws -> Result
    ) async throws -> Result {
        let seen = Log()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    seen.connections.withLock { $0.append(channel) }
                    try channel.pipeline.syncOperations.addHandler(
                        Handler(behaviour: behaviour, seen: seen))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let bank = FakeBank(port: channel.localAddress?.port ?? 0, seen: seen)
        do {
            let result = try await body(bank)
            await close(channel, seen)
            return result
        } catch {
            await close(channel, seen)
            throw error
        }
    }

    private static func close(_ channel: any Channel, _ seen: Log) async {
        try? await channel.close()
        for connection in seen.connections.withLock({ $0 }) { try? await connection.close() }
    }

    fileprivate final class Log: Sendable {
        let requests = Mutex<[Request]>([])
        let connections = Mutex<[any Channel]>([])
    }
}

/// Reads requests, and replies.
private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let behaviour: FakeBank.Behaviour
    private let seen: FakeBank.Log
    private var text = ""

    init(behaviour: @escaping FakeBank.Behaviour, seen: FakeBank.Log) {
        self.behaviour = behaviour
        self.seen = seen
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        while let end = text.firstRange(of: "\r\n\r\n") {
            let head = text[..<end.lowerBound].split(separator: "\r\n")
            let headers = Self.headers(head.dropFirst())
            let rest = text[end.upperBound...].utf8
            let length = headers["content-length"].flatMap { Int($0) } ?? 0
            guard rest.count >= length else { return }
            let words = head.first?.split(separator: " ") ?? []
            let request = FakeBank.Request(
                method: String(words.first ?? ""), path: String(words.dropFirst().first ?? ""),
                headers: headers, body: String(decoding: rest.prefix(length), as: UTF8.self))
            text = String(decoding: rest.dropFirst(length), as: UTF8.self)
            reply(to: request, context)
        }
    }

    private static func headers(_ lines: ArraySlice<Substring>) -> [String: String] {
        var headers: [String: String] = [:]
        for line in lines {
            let pair = line.split(separator: ":", maxSplits: 1)
            headers[pair[0].lowercased()] = pair.dropFirst().first.map { String($0.dropFirst()) }
        }
        return headers
    }

    private func reply(to request: FakeBank.Request, _ context: ChannelHandlerContext) {
        seen.requests.withLock { $0.append(request) }
        switch behaviour(request) {
        case .answer(let status, let type, let body, let more):
            write(
                "HTTP/1.1 \(status)\r\ncontent-type: \(type)\r\n\(more)"
                    + "content-length: \(body.utf8.count)\r\n\r\n\(body)", context)
        case .bytes(let bytes, let closes):
            write(bytes, context)
            if closes { context.close(promise: nil) }
        case .reset:
            let option = ChannelOptions.Types.SocketOption(level: .socket, name: .so_linger)
            context.channel.setOption(option, value: 1).whenComplete { _ in }
            context.close(promise: nil)
        case .silence: break
        }
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }
}

extension FakeBank {
    static let alice = "XB45DEMO0000000017"

    /// A bank with any account that is asked for, all of them Alice's.
    static let balances: Behaviour = { request in
        let number = request.path.split(separator: "/").dropFirst(2).first ?? ""
        let timing =
            request.headers["traceparent"]?.hasSuffix("-01") == true
            ? """
            server-timing: bank-server;dur=2.1;desc="BalancesRequest -> BalancesResponse", \
            balance-service;dur=0.6;desc="balances (1 of 1 in its batch)", \
            postgresql;dur=0.2;desc="SELECT ... WHERE id = ANY ($1)"\r\n
            """ : ""
        return .json(balance(of: String(number)), more: timing)
    }

    static func balance(of number: String, name: String = "Alice, everyday") -> String {
        """
        {"account":"\(number)","name":"\(name)","currency":"USD","balance":"1234.56","version":3}
        """
    }
}
