import AsyncHTTPClient
import BankAPI
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

@testable import BalanceClient
@testable import BankServer
@testable import Chain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Waits until a condition holds; the bound is only there so that a broken test ends.
func eventually(
    within bound: Duration = .seconds(20), line: Int = #line,
    _ condition: @Sendable () async throws -> Bool
) async throws {
    let end = ContinuousClock.now.advanced(by: bound)
    while try await !condition() {
        guard ContinuousClock.now < end else { throw TestFailure("line \(line): never came true") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// A bank-server under test, on a port of its own.
struct TestBank: Sendable {
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// For all tests and as long as the process: with a connection for each concurrent request.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    let address: HostAndPort
    let services: ServiceGroup
    let balances: BalanceServices

    /// Runs a server as `bank-server` does, and shuts it down gracefully afterwards.
    static func run<Result: Sendable>(
        _ balanceServices: [HostAndPort], ready: Bool = true,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        configure: (inout AppConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestBank) async throws -> Result
    ) async throws -> Result {
        var configuration = AppConfiguration(
            listen: HostAndPort(host: "127.0.0.1", port: 0), balanceServices: balanceServices)
        configuration.drainNotice = .milliseconds(20)
        configure(&configuration)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (addresses, listening) = AsyncStream.makeStream(of: HostAndPort.self)
        let server = BankServer(
            configuration, eventLoop: group.next(), logger: logger
        ) { listening.yield($0) }
        let executor = EventLoopTaskExecutor(group.next())
        let result = try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask(executorPreference: executor) {
                defer { listening.finish() }
                try await server.services.run()
            }
            guard let address = await addresses.first(where: { _ in true }) else {
                try await tasks.waitForAll()
                throw TestFailure("did not listen")
            }
            let bank = TestBank(
                address: address, services: server.services, balances: server.balances)
            if ready { try await bank.waitUntilReady() }
            let result = try await body(bank)
            await server.services.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
        try await group.shutdownGracefully()
        return result
    }

    /// Waits until so many reads have no answer yet.
    func waitForReads(_ count: Int) async throws {
        try await eventually { await balances.reads.outstandingCount == count }
    }

    func waitUntilReady(_ isReady: Bool = true) async throws {
        try await eventually { try await get("/readyz").status == (isReady ? 200 : 503) }
    }

    func get(
        _ path: String, method: HTTPMethod = .GET, headers: HTTPHeaders = [:], body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://\(address)\(path)")
        request.method = method
        request.headers = headers
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await Self.client.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return Answer(
            status: Int(response.status.code), headers: response.headers,
            body: Array(bytes.readableBytesView))
    }

    func balance(_ account: String = FakeBalances.known, headers: HTTPHeaders = [:]) async throws
        -> Answer
    {
        try await get("/v1/accounts/\(account)/balance", headers: headers)
    }

    /// Sends each of some texts on a connection of its own, and leaves it open once something was
    /// answered, until the body is done.
    func whileHanging(
        _ texts: ArraySlice<String>, _ body: @Sendable () async throws -> Void
    ) async throws {
        guard let text = texts.first else { return try await body() }
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let bound = channel.channel.eventLoop.scheduleTask(in: .seconds(60)) {
            channel.channel.close(promise: nil)
        }
        defer { bound.cancel() }
        try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            guard try await inbound.first(where: { _ in true }) != nil else {
                throw TestFailure("nothing was answered")
            }
            try await whileHanging(texts.dropFirst(), body)
        }
    }

    /// Sends bytes as they are, and reads until the server closes; fails when it does not.
    ///
    /// - Parameters:
    ///   - rest: What is sent once `cue` was answered.
    ///   - thenCloses: Whether the sender then closes its side.
    ///   - readsAfter: How long the sender takes no answers.
    func exchange(
        _ text: String, then rest: String = "", after cue: String = "", thenCloses: Bool = false,
        readsAfter: Duration = .zero
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        let bound = channel.channel.eventLoop.scheduleTask(in: .seconds(30)) {
            channel.channel.close(promise: nil)
        }
        defer { bound.cancel() }
        let answer = try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            if thenCloses { outbound.finish() }
            try await Task.sleep(for: readsAfter)
            var answer = ""
            var rest = rest
            for try await bytes in inbound {
                answer += String(buffer: bytes)
                guard !rest.isEmpty, answer.contains(cue) else { continue }
                try await outbound.write(ByteBuffer(string: rest))
                rest = ""
            }
            return answer
        }
        return answer
    }
}

extension TestBank.Answer {
    var problem: Problem {
        get throws { try decode(Problem.self) }
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try BankJSON.decoder().decode(type, from: Data(body))
    }
}
