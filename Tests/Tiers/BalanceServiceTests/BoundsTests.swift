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

        /// Begins a connection and says something on it.
        private func connect(_ bytes: [UInt8] = []) async throws -> any Channel {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: service.address.host, port: service.address.port).get()
            channel.writeAndFlush(ByteBuffer(bytes: RawHTTP2.preface + bytes), promise: nil)
            return channel
        }

        @Test(.limitedService { $0.connections = 8 }) func idleConnectionsLeaveRoom() async throws {
            var idle: [any Channel] = []
            for _ in 0..<30 {
                idle.append(try await connect())
                #expect(try await service.balances(17).count == 1)
            }
            let all = idle
            try await eventually { all.count { $0.isActive } <= 7 }
            for channel in all { channel.close(promise: nil) }
        }

        @Test(.limitedService { $0.requestTime = .milliseconds(200) })
        func aRequestThatDoesNotArriveEnds() async throws {
            let bytes = RawHTTP2.preface + Self.half(bytes: 1000, streams: [1])
            let answer = try await RawHTTP2.exchange(bytes, with: service.address)
            #expect(answer == .streamEnded)
        }

        @Test(.limitedService { $0.requestBytes = 200_000 })
        func halfRequestsTakeNoMoreThanTheirMemory() async throws {
            var channels: [any Channel] = []
            for _ in 0..<10 {
                channels.append(try await connect(Self.half(bytes: 16_000, streams: [1, 3, 5])))
            }
            let all = channels
            try await eventually { all.count { $0.isActive } <= 4 }
            for channel in all { channel.close(promise: nil) }
        }

        /// The stream that passes the limit is just being made.
        @Test(.limitedService { $0.calls = 4 })
        func theOneThatTakesTooMuchMayBeTheCaller() async throws {
            let streams = (0..<10).map { UInt8($0 * 2 + 1) }
            let channel = try await connect(Self.half(bytes: 10, streams: streams))
            try await eventually { !channel.isActive }
        }

        private static let streamPath = "/teller.balance.v1.Balances/StreamBalances"

        /// A stream may wait for its next batch for as long as it likes.
        @Test(.limitedService { $0.requestTime = .milliseconds(100) })
        func anIdleStreamStays() async throws {
            try await service.withBalancesStream { stream in
                for number in 1...3 as ClosedRange<UInt64> {
                    // Longer than a request may take: that is what is tested.
                    try await Task.sleep(for: .milliseconds(300))
                    #expect(try await stream.ask(number, 17)?.number == number)
                }
            }
        }

        @Test(.limitedService { $0.requestTime = .milliseconds(200) })
        func aBatchThatDoesNotArriveEndsItsStream() async throws {
            let head = RawHTTP2.headers(stream: 1, path: Self.streamPath)
            let part = RawHTTP2.frame(type: 0, stream: 1, [0, 0, 0, 1, 0, 0])
            let answer = try await RawHTTP2.exchange(
                RawHTTP2.preface + head + part, with: service.address)
            #expect(answer == .streamEnded)
        }

        /// Batches are work: who streams them outlasts those who only hold calls.
        @Test(.limitedService { $0.calls = 40 })
        func streamsInUseOutlastThoseOfOthers() async throws {
            try await service.withBalancesStream { stream in
                for number in 0..<20 as Range<UInt64> { _ = try await stream.ask(number, 17) }
                let heads = (0..<8).flatMap {
                    RawHTTP2.headers(stream: UInt8($0 * 2 + 1), path: Self.streamPath)
                }
                var channels: [any Channel] = []
                for _ in 0..<8 { channels.append(try await connect(heads)) }
                let all = channels
                try await eventually { all.count { $0.isActive } <= 4 }
                #expect(try await stream.ask(20, 17)?.number == 20)
                for channel in all { channel.close(promise: nil) }
            }
        }

        /// Or the memory of all batches that it ever had would count as taken.
        @Test(.limitedService { $0.requestBytes = 20_000 })
        func anAnsweredBatchTakesNoMemory() async throws {
            let batch = Array(repeating: try RunningService.Query.of(17), count: 100)
            try await service.withBalancesStream { stream in
                for number in 0..<50 as Range<UInt64> {
                    stream.send(number, batch)
                    let answer = try await stream.next()
                    #expect(answer?.response.outcomes.count == 100)
                }
            }
        }

        @Test(.limitedService { $0.connections = 8 }) func toWatchIsNoWork() async throws {
            let worker = try await connect(RawHTTP2.call(message: [0, 0, 0, 0, 0]))
            var watchers: [any Channel] = []
            for _ in 0..<20 {
                #expect(try await service.balances(17).count == 1)
                watchers.append(try await connect(RawHTTP2.watch(stream: 1)))
            }
            let all = watchers
            try await eventually { all.count { $0.isActive } <= 6 }
            #expect(worker.isActive)
            for channel in all + [worker] { channel.close(promise: nil) }
        }

        @Test(.limitedService { $0.watches = 0 })
        func aConnectionWatchesAFewTimesOnly() async throws {
            let bytes = RawHTTP2.preface + RawHTTP2.watch(stream: 1)
            #expect(try await RawHTTP2.exchange(bytes, with: service.address) == .streamEnded)
        }

        @Test(.limitedService { $0.watches = 1 })
        func aWatchTakesNothingFromOtherConnections() async throws {
            let channel = try await connect(RawHTTP2.watch(stream: 1))
            let watch = HealthWatch()
            try await withThrowingTaskGroup(of: Void.self) { group async throws in
                group.addTask { try await watch.run(service) }
                try await eventually { !watch.statuses.isEmpty }
                group.cancelAll()
            }
            #expect(channel.isActive)
            channel.close(promise: nil)
        }

        /// It opens no window for its answers.
        @Test(.limitedService { $0.readTime = .milliseconds(200) })
        func whoDoesNotReadIsLetGo() async throws {
            let query = try RunningService.Query.with { $0.account = try account(17) }
            let message =
                try Teller_Balance_V1_BalancesRequest.with { $0.queries = [query] }
                .serializedBytes() as [UInt8]
            let prefix: [UInt8] = [0, 0, 0, 0, UInt8(message.count)]
            let channel = try await connect(
                RawHTTP2.frame(type: 4, [0, 4, 0, 0, 0, 0])
                    + RawHTTP2.call(message: prefix + message))
            try await eventually { !channel.isActive }
        }

        /// HTTP/2 itself ends a connection with many resets; a new one does not begin anew.
        @Test(
            .limitedService {
                $0.resets = 40
                $0.longestWait = .zero
            }) func whoTakesBackCallsHasToWait() async throws
        {
            let calls = (0..<50).flatMap { number in
                let stream = UInt8(number * 2 + 1)
                return Self.half(bytes: 10, streams: [stream])
                    + RawHTTP2.frame(type: 3, stream: stream, [0, 0, 0, 8])
            }
            let channel = try await connect(calls)
            try await eventually {
                let other = try await connect()
                defer { other.close(promise: nil) }
                try await Task.sleep(for: .milliseconds(50))
                return !other.isActive
            }
            channel.close(promise: nil)
        }
    }
}
