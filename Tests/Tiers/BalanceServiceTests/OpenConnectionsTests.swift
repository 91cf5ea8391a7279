import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import BalanceService

struct OpenConnectionsTests {
    private func with(
        _ limits: HopLimits, _ count: Int,
        _ body: (OpenConnections, [any Channel]) async throws -> Void
    ) async throws {
        var channels: [any Channel] = []
        for _ in 0..<count {
            channels.append(
                try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(
                    host: "127.0.0.1", port: 0
                ).get())
        }
        let connections = OpenConnections(limits: limits)
        for channel in channels { #expect(connections.open(channel) == .zero) }
        try await body(connections, channels)
        for channel in channels where channel.isActive { try await channel.close() }
    }

    private func serve(_ count: Int, _ connections: OpenConnections, _ channel: any Channel) {
        for _ in 0..<count {
            connections.beginWork(of: channel)
            connections.endWork(of: channel)
        }
    }

    @Test(arguments: OpenConnections.Resource.allCases)
    func manyWhoHoldALittleDoNotOutlastAWorker(
        _ resource: OpenConnections.Resource
    ) async throws {
        var limits = HopLimits()
        (limits.calls, limits.requestBytes, limits.answerBytes) = (1000, 1000, 1000)
        try await with(limits, 11) { connections, channels async throws in
            let worker = channels[0]
            serve(50, connections, worker)
            for channel in channels.dropFirst() {
                serve(1, connections, channel)
                connections.take(90, of: resource, by: channel)
            }
            connections.take(200, of: resource, by: worker)
            try await eventually { channels.count { $0.isActive } == 10 }
            #expect(worker.isActive)
        }
    }

    @Test func nobodyEarnsTheRightToEverything() async throws {
        var limits = HopLimits()
        limits.requestBytes = 100_000
        try await with(limits, 2) { connections, channels async throws in
            serve(200_000, connections, channels[0])
            connections.take(99_990, of: .requestBytes, by: channels[0])
            connections.take(20, of: .requestBytes, by: channels[1])
            try await eventually { !channels[0].isActive }
            #expect(channels[1].isActive)
        }
    }

    @Test func whereNobodyIsIdleTheLeastUsefulGoes() async throws {
        var limits = HopLimits()
        limits.connections = 4
        try await with(limits, 3) { connections, channels async throws in
            for (number, channel) in channels.enumerated() {
                serve(3 - number, connections, channel)
                connections.beginWork(of: channel)
            }
            let other = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .bind(host: "127.0.0.1", port: 0).get()
            #expect(connections.open(other) == .zero)
            try await eventually { !channels[2].isActive }
            #expect(channels[0].isActive && channels[1].isActive)
            try await other.close()
        }
    }
}

struct StreamedBatchesTests {
    /// However the bytes are cut.
    @Test(arguments: 1...20) func findsTheEndsOfMessages(_ step: Int) {
        let bytes: [UInt8] =
            [0, 0, 0, 0, 3, 1, 2, 3] + [0, 0, 0, 0, 0] + [1, 0, 0, 1, 0]
            + [UInt8](repeating: 9, count: 256)
        var batches = StreamedBatches()
        var count = 0
        for start in stride(from: 0, to: bytes.count, by: step) {
            let end = min(start + step, bytes.count)
            count += batches.receive(ByteBuffer(bytes: bytes[start..<end]))
            #expect(batches.isAmidst == ![8, 13, 274].contains(end))
        }
        #expect(count == 3)
        #expect(batches.unanswered == [8, 5, 261] && !batches.areAnswered)
        let answer = ByteBuffer(bytes: [0, 0, 0, 0, 1])
        #expect(batches.send(answer) == [])
        #expect(batches.send(ByteBuffer(bytes: [7] + bytes[..<4])) == [8])
        #expect(batches.send(ByteBuffer(bytes: [0])) == [5])
        #expect(batches.unanswered == [261] && !batches.areAnswered)
        #expect(batches.send(ByteBuffer(bytes: [0, 0, 0, 0, 0])) == [261])
        #expect(batches.areAnswered)
    }
}

struct ResettingPeersTests {
    @Test func aTurnComesLaterTheMoreThereAre() {
        var limits = HopLimits()
        (limits.resets, limits.resetPause) = (2, .seconds(1))
        (limits.longestWait, limits.resetWindow) = (.seconds(2), .seconds(30))
        var peers = ResettingPeers()
        let start = NIODeadline.now()
        for _ in 0..<2 { peers.countReset(by: "a", at: start, limits) }
        #expect(peers.wait(of: "a", at: start, limits) == .zero)
        peers.countReset(by: "a", at: start, limits)
        #expect(peers.wait(of: "a", at: start, limits) == .seconds(1))
        #expect(peers.wait(of: "a", at: start, limits) == .seconds(2))
        #expect(peers.wait(of: "a", at: start, limits) == nil)
        #expect(peers.wait(of: "b", at: start, limits) == .zero)
        #expect(peers.wait(of: "a", at: start + .seconds(1), limits) == .seconds(2))
        #expect(peers.wait(of: "a", at: start + .seconds(30), limits) == .zero)
    }
}
