import AsyncHTTPClient
import Chain
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An answer's parts that the client looks at.
struct RawAnswer: Sendable {
    var status: Int
    /// The media type without its parameters, in lower case; empty when the answer names none.
    var mediaType: String
    var serverTiming: String
    /// Seconds that the server asks to wait before another try.
    var retryAfter: Int64?
    var body: ByteBuffer
}

/// What is asked of a server.
struct Call: Sendable {
    var method = HTTPMethod.GET
    /// With its query, percent-encoded.
    var path: String
    /// JSON, if any.
    var body: [UInt8]?
}

/// Hop 1's wire: HTTP/1.1 over one event loop.
struct HTTPTransport: Sendable {
    private let client: HTTPClient
    private let address: BankAddress
    private let connections = Connections()

    /// - Parameter connectTimeout: the time that making a connection may take.
    init(address: BankAddress, authorities: TrustedAuthorities?, connectTimeout: Duration) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .microseconds(max(1, connectTimeout.wholeMicroseconds))))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            BankClient.mostAtOnce
        configuration.httpVersion = .http1Only
        if let authorities {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(authorities.certificates)
            configuration.tlsConfiguration = tls
        }
        configuration.http1_1ConnectionDebugInitializer = { [connections] channel in
            connections.haveBeenMade.store(true, ordering: .relaxed)
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
            configuration: configuration)
        // Never released: a shutdown waits for connections, the end of the process does not.
        _ = Unmanaged.passRetained(client)
        self.address = address
    }

    /// Asks for a path and reads the whole answer.
    ///
    /// - Throws: what AsyncHTTPClient and NIO throw; ``TransportError`` for an answer that broke
    ///   off once it had begun.
    func ask(_ call: Call, headers: [(String, String)], deadline: Deadline) async throws
        -> RawAnswer
    {
        var request = HTTPClientRequest(url: "\(address)\(call.path)")
        request.method = call.method
        request.headers.add(contentsOf: headers)
        if let body = call.body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(body)
        }
        let remaining = TimeAmount.microseconds(deadline.remaining.wholeMicroseconds)
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, deadline: .now() + remaining)
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            guard !connections.haveBeenMade.load(ordering: .relaxed) else { throw error }
            throw TransportError.noConnection
        }
        let body: ByteBuffer
        do {
            body = try await Self.collect(response.body, deadline: deadline)
        } catch is NIOTooManyBytesError {
            throw TransportError.tooLarge
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError.brokeOff
        }
        return RawAnswer(
            status: Int(response.status.code),
            mediaType: response.headers.first(name: "content-type").map(Self.mediaType) ?? "",
            serverTiming: response.headers[ServerTiming.headerName].joined(separator: ","),
            retryAfter: response.headers.first(name: "retry-after").flatMap { Int64($0) },
            body: body)
    }

    /// AsyncHTTPClient's deadline ends with the answer's head, so its body is raced against ours.
    private static func collect(
        _ body: HTTPClientResponse.Body, deadline: Deadline
    ) async throws -> ByteBuffer {
        try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask { try await body.collect(upTo: BankClient.largestAnswer) }
            group.addTask {
                try await Task.sleep(until: deadline.instant, clock: .continuous)
                return nil
            }
            defer { group.cancelAll() }
            guard let bytes = try await group.next().flatMap({ $0 }) else {
                throw TransportError.outOfTime
            }
            return bytes
        }
    }

    private static func mediaType(_ value: String) -> String {
        let type = value.unicodeScalars.prefix { $0 != ";" }
        return String(type.filter { $0 != " " && $0 != "\t" }).lowercased()
    }
}

/// Whether any connection was made, to tell a server that is not reached from a silent one.
private final class Connections: Sendable {
    let haveBeenMade = Atomic(false)
}

/// What AsyncHTTPClient has no error for.
enum TransportError: Error, Sendable, Hashable {
    /// None was made within the deadline.
    case noConnection
    case tooLarge
    case brokeOff
    case outOfTime
}
