import BalanceAPI
import Chain
import NIOCore
import NIOPosix
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// Whoever takes too much of hop 2 is let go, and nobody else.
    @Suite(.timeLimit(.minutes(2))) struct BoundsTests {
        /// A call whose message is announced longer than it is.
        private static func half(bytes: Int, streams: [UInt8]) -> [UInt8] {
            streams.flatMap { stream in
                RawHTTP2.headers(stream: stream)
                    + RawHTTP2.frame(
                        type: 0, stream: stream,
                        [0, 0, 0x0f, 0xff, 0xff] + [UInt8](repeating: 0, count: bytes))
            }
        }

        private func connect(_ service: RunningService, sending bytes: [UInt8]) async throws
            -> any Channel
        {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: service.address.host, port: service.address.port).get()
            channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            return channel
        }

        private func with(
            _ change: (inout HopLimits) -> Void,
            _ body: @Sendable (RunningService) async throws -> Void
        ) async throws {
            var limits = HopLimits()
            change(&limits)
            try await withBank { [limits] url in
                try await withService(url, limits: limits) { service async throws in
                    try await eventually { try await service.isServing() }
                    try await body(service)
                    // Its own connection is the one that it was.
                    #expect(try await service.balances(17).count == 1)
                }
            }
        }

        @Test func idleConnectionsLeaveRoom() async throws {
            try await with {
                $0.connections = 8
            } _: { service async throws in
                var idle: [any Channel] = []
                for _ in 0..<30 {
                    idle.append(try await connect(service, sending: RawHTTP2.preface))
                    #expect(try await service.balances(17).count == 1)
                }
                let all = idle
                try await eventually { all.count { $0.isActive } <= 7 }
                for channel in all { channel.close(promise: nil) }
            }
        }

        @Test func aRequestThatDoesNotArriveEnds() async throws {
            try await with {
                $0.requestTime = .milliseconds(200)
            } _: { service async throws in
                let bytes = RawHTTP2.preface + Self.half(bytes: 1000, streams: [1])
                let answer = try await RawHTTP2.exchange(bytes, with: service.address)
                #expect(answer == .streamEnded)
            }
        }

        @Test func halfRequestsTakeNoMoreThanTheirMemory() async throws {
            try await with {
                $0.requestBytes = 200_000
            } _: { service async throws in
                var channels: [any Channel] = []
                for _ in 0..<10 {
                    channels.append(
                        try await connect(
                            service,
                            sending: RawHTTP2.preface
                                + Self.half(bytes: 16_000, streams: [1, 3, 5])))
                }
                let all = channels
                try await eventually { all.count { $0.isActive } <= 4 }
                for channel in all { channel.close(promise: nil) }
            }
        }

        /// The stream that passes the limit is just being made.
        @Test func theOneThatTakesTooMuchMayBeTheCaller() async throws {
            try await with {
                $0.calls = 4
            } _: { service async throws in
                let streams = (0..<10).map { UInt8($0 * 2 + 1) }
                let channel = try await connect(
                    service, sending: RawHTTP2.preface + Self.half(bytes: 10, streams: streams))
                try await eventually { !channel.isActive }
            }
        }

        private static let streamPath = "/teller.balance.v1.Balances/StreamBalances"

        /// A stream may wait for its next batch for as long as it likes.
        @Test func anIdleStreamStays() async throws {
            try await with {
                $0.requestTime = .milliseconds(100)
            } _: { service async throws in
                try await service.withBalancesStream { stream in
                    for number in 1...3 as ClosedRange<UInt64> {
                        // Longer than a request may take: that is what is tested.
                        try await Task.sleep(for: .milliseconds(300))
                        #expect(try await stream.ask(number, 17)?.number == number)
                    }
                }
            }
        }

        @Test func aBatchThatDoesNotArriveEndsItsStream() async throws {
            try await with {
                $0.requestTime = .milliseconds(200)
            } _: { service async throws in
                let head = RawHTTP2.headers(stream: 1, path: Self.streamPath)
                let part = RawHTTP2.frame(type: 0, stream: 1, [0, 0, 0, 1, 0, 0])
                let answer = try await RawHTTP2.exchange(
                    RawHTTP2.preface + head + part, with: service.address)
                #expect(answer == .streamEnded)
            }
        }

        /// Batches are work: who streams them outlasts those who only hold calls.
        @Test func streamsInUseOutlastThoseOfOthers() async throws {
            try await with {
                $0.calls = 40
            } _: { service async throws in
                try await service.withBalancesStream { stream in
                    for number in 0..<20 as Range<UInt64> { _ = try await stream.ask(number, 17) }
                    let heads = (0..<8).flatMap {
                        RawHTTP2.headers(stream: UInt8($0 * 2 + 1), path: Self.streamPath)
                    }
                    var channels: [any Channel] = []
                    for _ in 0..<8 {
                        channels.append(
                            try await connect(service, sending: RawHTTP2.preface + heads))
                    }
                    let all = channels
                    try await eventually { all.count { $0.isActive } <= 4 }
                    #expect(try await stream.ask(20, 17)?.number == 20)
                    for channel in all { channel.close(promise: nil) }
                }
            }
        }

        /// Or the memory of all batches that it ever had would count as taken.
        @Test func anAnsweredBatchTakesNoMemory() async throws {
            try await with {
                $0.requestBytes = 20_000
            } _: { service async throws in
                let batch = Array(repeating: try RunningService.Query.of(17), count: 100)
                try await service.withBalancesStream { stream in
                    for number in 0..<50 as Range<UInt64> {
                        stream.send(number, batch)
                        let answer = try await stream.next()
                        #expect(answer?.response.outcomes.count == 100)
                    }
                }
            }
        }

        @Test func toWatchIsNoWork() async throws {
            try await with {
                $0.connections = 8
            } _: { service async throws in
                let worker = try await connect(
                    service, sending: RawHTTP2.preface + RawHTTP2.call(message: [0, 0, 0, 0, 0]))
                var watchers: [any Channel] = []
                for _ in 0..<20 {
                    #expect(try await service.balances(17).count == 1)
                    watchers.append(
                        try await connect(
                            service, sending: RawHTTP2.preface + RawHTTP2.watch(stream: 1)))
                }
                let all = watchers
                try await eventually { all.count { $0.isActive } <= 6 }
                #expect(worker.isActive)
                for channel in all + [worker] { channel.close(promise: nil) }
            }
        }

        @Test func aConnectionWatchesAFewTimesOnly() async throws {
            try await with {
                $0.watches = 0
            } _: { service async throws in
                let bytes = RawHTTP2.preface + RawHTTP2.watch(stream: 1)
                #expect(try await RawHTTP2.exchange(bytes, with: service.address) == .streamEnded)
            }
            try await with {
                $0.watches = 1
            } _: { service async throws in
                let bytes = RawHTTP2.preface + RawHTTP2.watch(stream: 1)
                let channel = try await connect(service, sending: bytes)
                let watch = HealthWatch()
                try await withThrowingTaskGroup(of: Void.self) { group async throws in
                    group.addTask { try await watch.run(service) }
                    try await eventually { !watch.statuses.isEmpty }
                    group.cancelAll()
                }
                #expect(channel.isActive)
                channel.close(promise: nil)
            }
        }

        /// It opens no window for its answers.
        @Test func whoDoesNotReadIsLetGo() async throws {
            try await with {
                $0.readTime = .milliseconds(200)
            } _: { service async throws in
                let query = try RunningService.Query.with { $0.account = try account(17) }
                let message =
                    try Teller_Balance_V1_BalancesRequest.with { $0.queries = [query] }
                    .serializedBytes() as [UInt8]
                let prefix: [UInt8] = [0, 0, 0, 0, UInt8(message.count)]
                let channel = try await connect(
                    service,
                    sending: RawHTTP2.preface + RawHTTP2.frame(type: 4, [0, 4, 0, 0, 0, 0])
                        + RawHTTP2.call(message: prefix + message))
                try await eventually { !channel.isActive }
            }
        }

        /// HTTP/2 itself ends a connection with many resets; a new one does not begin anew.
        @Test func whoTakesBackCallsHasToWait() async throws {
            try await with {
                $0.resets = 40
                $0.longestWait = .zero
            } _: { service async throws in
                let calls = (0..<50).flatMap { number in
                    let stream = UInt8(number * 2 + 1)
                    return Self.half(bytes: 10, streams: [stream])
                        + RawHTTP2.frame(type: 3, stream: stream, [0, 0, 0, 8])
                }
                let channel = try await connect(service, sending: RawHTTP2.preface + calls)
                try await eventually {
                    let other = try await connect(service, sending: RawHTTP2.preface)
                    defer { other.close(promise: nil) }
                    try await Task.sleep(for: .milliseconds(50))
                    return !other.isActive
                }
                channel.close(promise: nil)
            }
        }
    }

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
        func manyWhoHoldALittleDoNotOutlastAWorker(_ resource: OpenConnections.Resource)
            async throws
        {
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
}
