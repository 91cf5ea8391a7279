import NIOCore
import NIOPosix
import Testing

@testable import Chain

struct ConnectionLimitTests {
    /// At a server's end its listener's loop may be the first to go. NIO traps when that is used, in its
    /// strict mode, which scripts/test asks for.
    @Test(.timeLimit(.minutes(5)))
    func aConnectionMayOutliveTheLoopOfItsListener() async throws {
        let loops = (0..<2).map { _ in MultiThreadedEventLoopGroup(numberOfThreads: 1) }
        let (accepted, accept) = AsyncStream.makeStream(of: (any Channel).self)
        let listener = try await ServerBootstrap(group: loops[0], childGroup: loops[1])
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(ConnectionLimit(1))
                }
            }
            .childChannelInitializer { channel in
                accept.yield(channel)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(listener.localAddress)
        let caller = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: address).get()
        let connection = try #require(await accepted.first { _ in true })
        try await loops[0].shutdownGracefully()
        try await connection.close()
        try? await caller.close()
        try await loops[1].shutdownGracefully()
    }
}
