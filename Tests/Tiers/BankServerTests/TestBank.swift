import AsyncHTTPClient
import BankAPI
import Foundation
import HTTPFront
import Ledger
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import TestSupport

@testable import BalanceClient
@testable import BankServer
@testable import Chain

/// A bank-server under test, on a port of its own.
struct TestBank: Sendable {
    /// For all tests and as long as the process: with a connection for each concurrent request.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Not one for each server: a name that it still looks up may be told to its loop after its end.
    private static let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 4)

    /// Only so that a broken test ends.
    private static let patience = TimeAmount.seconds(120)

    let address: HostAndPort
    /// Where its balance services are.
    let balanceServices: [HostAndPort]
    let services: ServiceGroup
    let balances: BalanceServices

    /// Runs a server as `bank-server` does, and shuts it down gracefully afterwards.
    /// - Parameter ready: Whether it is to reach all its balance services first.
    static func run<Result: Sendable>(
        _ balanceServices: [HostAndPort], ready: Bool = true, logger: Logger = .silent,
        log: AccessLog? = nil,
        configure: (inout AppConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestBank) async throws -> Result
    ) async throws -> Result {
        var configuration = AppConfiguration(
            listen: HostAndPort(host: "127.0.0.1", port: 0), balanceServices: balanceServices)
        configuration.drainNotice = .milliseconds(20)
        // A busy machine may read a body long after it has arrived.
        configuration.httpLimits.bodyTime = .seconds(60)
        configure(&configuration)
        let eventLoop = eventLoops.next()
        let (addresses, listening) = AsyncStream.makeStream(of: HostAndPort.self)
        let server = BankServer(configuration, eventLoop: eventLoop, logger: logger, log: log) {
            listening.yield($0)
        }
        let executor = EventLoopTaskExecutor(eventLoop)
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask(executorPreference: executor) {
                defer { listening.finish() }
                try await server.services.run()
            }
            guard let address = await addresses.first(where: { _ in true }) else {
                try await tasks.waitForAll()
                throw TestFailure("did not listen")
            }
            let bank = TestBank(
                address: address, balanceServices: balanceServices, services: server.services,
                balances: server.balances)
            if ready { try await bank.waitUntilReady(services: balanceServices.count) }
            let result = try await body(bank)
            await server.services.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }

    // MARK: What it is waited for

    /// Waits until so many reads have no answer yet.
    func waitForReads(_ count: Int) async throws {
        try await eventually { await balances.reads.outstandingCount == count }
    }

    /// Waits until so many writes have no answer yet.
    func waitForWrites(_ count: Int) async throws {
        try await eventually { await balances.writes.outstandingCount == count }
    }

    func waitUntilReady(_ isReady: Bool = true) async throws {
        try await eventually { try await get("/readyz").status == (isReady ? 200 : 503) }
    }

    func waitUntilReady(services count: Int) async throws {
        try await eventually { readyServices() == count }
    }

    /// As `/readyz` tells only where no proxy is in front.
    func readyServices() -> Int { balances.conditions.count { $0 == nil } }

    // MARK: What it is asked

    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        var problem: Problem {
            get throws { try decode(Problem.self) }
        }

        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try BankJSON.decoder().decode(type, from: Data(body))
        }

        subscript(header: String) -> String? { headers.first(name: header) }
    }

    /// - Parameter timeout: What is sent as `grpc-timeout` where the headers have none: on a busy machine
    ///   more than a request has that does not say.
    func get(
        _ path: String, method: HTTPMethod = .GET, timeout: String = "60S",
        headers: HTTPHeaders = [:], body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://\(address)\(path)")
        request.method = method
        request.headers = headers
        if !headers.contains(name: "grpc-timeout") {
            request.headers.add(name: "grpc-timeout", value: timeout)
        }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await Self.client.execute(request, timeout: Self.patience)
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return Answer(
            status: Int(response.status.code), headers: response.headers,
            body: Array(bytes.readableBytesView))
    }

    func balance(
        _ account: String = FakeBalances.known, timeout: String = "60S", headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        try await get("/v1/accounts/\(account)/balance", timeout: timeout, headers: headers)
    }

    func post(
        _ path: String, _ body: String, timeout: String = "60S", headers: HTTPHeaders = [:],
        type: String? = "application/json"
    ) async throws -> Answer {
        var headers = headers
        if let type { headers.add(name: "content-type", value: type) }
        return try await get(path, method: .POST, timeout: timeout, headers: headers, body: body)
    }

    func transfer(
        _ body: String, timeout: String = "60S", headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        try await post("/v1/transfers", body, timeout: timeout, headers: headers)
    }

    func batch(
        _ ids: [Identifier], atomic: Bool = false, timeout: String = "60S"
    ) async throws -> Answer {
        try await post("/v1/transfers/batch", Body.batch(ids, atomic: atomic), timeout: timeout)
    }

    // MARK: What is said byte by byte

    private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Only so that a broken test ends.
                    let bound = channel.eventLoop.scheduleTask(in: .seconds(60)) {
                        channel.close(promise: nil)
                    }
                    channel.closeFuture.whenComplete { _ in bound.cancel() }
                    return try NIOAsyncChannel(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
    }

    /// Sends each of some texts on a connection of its own, and leaves it open once something was
    /// answered, until the body is done.
    func whileHanging(
        _ texts: ArraySlice<String>, _ body: @Sendable () async throws -> Void
    ) async throws {
        guard let text = texts.first else { return try await body() }
        try await connect().executeThenClose { inbound, outbound in
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
        try await connect().executeThenClose { inbound, outbound in
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
    }
}
