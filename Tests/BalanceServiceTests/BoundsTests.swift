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
    @Suite(.timeLimit(.minutes(2)))
    struct BoundsTests {
        /// A call whose message is announced longer than it is.
        private static func half(bytes: Int, streams: [UInt8]) -> [UInt8] {
            streams.flatMap { stream in
                RawHTTP2.headers(stream: stream)
                    + RawHTTP2.frame(
                        type: 0, stream: stream,
                        [0, 0, 0x0f, 0xff, 0xff] + [UInt8](repeating: 0, count: bytes))
            }
        }

        private func connect(
            _ service: RunningService, sending bytes: [UInt8]
        ) async throws -> any Channel {
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
                    #expect(try await eventually { try await service.isServing() })
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
                #expect(try await eventually { all.count { $0.isActive } <= 7 })
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
                #expect(try await eventually { all.count { $0.isActive } <= 4 })
                for channel in all { channel.close(promise: nil) }
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
                    sending: RawHTTP2.preface
                        + RawHTTP2.frame(type: 4, [0, 4, 0, 0, 0, 0])
                        + RawHTTP2.call(message: prefix + message))
                #expect(try await eventually { !channel.isActive })
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
                #expect(
                    try await eventually {
                        let other = try await connect(service, sending: RawHTTP2.preface)
                        defer { other.close(promise: nil) }
                        try await Task.sleep(for: .milliseconds(50))
                        return !other.isActive
                    })
                channel.close(promise: nil)
            }
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
