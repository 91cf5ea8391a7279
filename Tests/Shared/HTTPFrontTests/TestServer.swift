import Chain
import HTTPFront
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import TestSupport

/// A server under test, on a port and one event loop of its own.
struct TestServer: Sendable {
    let address: HostAndPort
    let responder: TestResponder
    private let services: ServiceGroup

    /// Runs a server, and shuts it down gracefully afterwards.
    static func run<Result: Sendable>(
        limits configure: (inout HTTPLimits) -> Void = { _ in }, tls: ServerTLS? = nil,
        _ body: @Sendable (TestServer) async throws -> Result
    ) async throws -> Result {
        var limits = HTTPLimits()
        configure(&limits)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let responder = TestResponder()
        let drain = DrainState(notice: .milliseconds(20))
        let (addresses, listening) = AsyncStream.makeStream(of: HostAndPort.self)
        let server = HTTPServer(
            listen: HostAndPort(host: "127.0.0.1", port: 0), responder: responder, limits: limits,
            drain: drain, tls: tls, eventLoop: group.next()
        ) { listening.yield($0) }
        let services = ServiceGroup(services: [server, drain], logger: .silent)
        let result = try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { listening.finish() }
                try await services.run()
            }
            guard let address = await addresses.first(where: { _ in true }) else {
                throw TestFailure("did not listen")
            }
            let server = TestServer(address: address, responder: responder, services: services)
            let result: Result
            do {
                result = try await body(server)
            } catch {
                tasks.cancelAll()
                throw error
            }
            await services.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
        try await group.shutdownGracefully()
        return result
    }

    /// Runs a server with one caller.
    static func call(
        limits configure: (inout HTTPLimits) -> Void = { _ in },
        _ body: @Sendable (TestServer, Caller) async throws -> Void
    ) async throws {
        try await run(limits: configure) { server in
            try await Caller.run(server) { try await body(server, $0) }
        }
    }

    func shutDown() async { await services.triggerGracefulShutdown() }
}
