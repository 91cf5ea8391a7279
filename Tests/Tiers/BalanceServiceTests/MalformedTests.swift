import BalanceAPI
import Chain
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import NIOCore
import NIOPosix
import SwiftProtobuf
import Testing

@testable import BalanceService

extension ServiceTests {
    /// Callers that do not keep to the contract get a status, and nobody else notices.
    @Suite(.timeLimit(.minutes(2))) struct MalformedTests {
        private struct Bytes: MessageSerializer, MessageDeserializer {
            func serialize<Result: GRPCContiguousBytes>(_ message: [UInt8]) -> Result {
                Result(message)
            }

            func deserialize(_ bytes: some GRPCContiguousBytes) -> [UInt8] {
                bytes.withUnsafeBytes { Array($0) }
            }
        }

        private func send(_ bytes: [UInt8], to method: MethodDescriptor, _ service: RunningService)
            async -> RPCError?
        {
            await #expect(throws: RPCError.self) {
                _ = try await service.client.unary(
                    request: ClientRequest(message: bytes), descriptor: method, serializer: Bytes(),
                    deserializer: Bytes(), options: .defaults
                ) { try $0.message }
            }
        }

        private static let getBalances = MethodDescriptor(
            fullyQualifiedService: "teller.balance.v1.Balances", method: "GetBalances")

        private static let noProtobuf: [[UInt8]] = [
            [0xff, 0xff, 0xff], [0x0a, 0x7f, 0x0a], [0x0a, 0x03, 0x0a, 0x01, 0xff], [0x07],
        ]

        @Test(.bankService) func invalidProtobuf() async throws {
            for bytes in Self.noProtobuf {
                let error = await send(bytes, to: Self.getBalances, service)
                #expect([.invalidArgument, .internalError].contains(error?.code), "\(bytes)")
            }
            #expect(try await service.balances(17).count == 1)
        }

        @Test(.bankService) func unknownMethodsAndServices() async throws {
            let method = MethodDescriptor(
                fullyQualifiedService: "teller.balance.v1.Balances", method: "Steal")
            #expect(await send([], to: method, service)?.code == .unimplemented)
            let other = MethodDescriptor(fullyQualifiedService: "no.Such", method: "Service")
            #expect(await send([], to: other, service)?.code == .unimplemented)
            await expectFailure(.notFound) {
                try await service.health.check(.with { $0.service = "no.Such" })
            }
            #expect(try await service.balances(17).count == 1)
        }

        @Test(.bankService) func aMessagePastTheLimit() async throws {
            let bytes = [UInt8](repeating: 0, count: 2 * 1024 * 1024)
            let error = await send(bytes, to: Self.getBalances, service)
            // grpc-swift-2 closes the connection rather than saying RESOURCE_EXHAUSTED.
            #expect([.resourceExhausted, .internalError, .unavailable].contains(error?.code))
            #expect(try await service.balances(17).count == 1)
        }

        /// Bytes on a connection of their own: the server answers, resets or closes, and lives on.
        private static let noCalls = [
            Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [UInt8](repeating: 0xff, count: 4096),
            RawHTTP2.preface + [0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1],
            RawHTTP2.preface + RawHTTP2.call(message: [0, 0, 0, 0, 100, 1, 2, 3]),
            RawHTTP2.preface + RawHTTP2.call(message: [0, 0]),
            RawHTTP2.preface + RawHTTP2.call(message: [7, 0, 0, 0, 0]),
        ]

        @Test(.bankService) func brokenFrames() async throws {
            for bytes in Self.noCalls {
                let answer = try await RawHTTP2.exchange(bytes, with: service.address)
                #expect(answer == .closed || answer == .streamEnded, "\(bytes.prefix(200))")
            }
            #expect(try await service.balances(17).count == 1)
        }

        /// A caller that is gone before its message was whole.
        @Test(.bankService) func goneInTheMiddleOfAFrame() async throws {
            for _ in 0..<20 {
                let channel = try await ClientBootstrap(
                    group: .singletonMultiThreadedEventLoopGroup
                ).connect(host: service.address.host, port: service.address.port).get()
                let call = RawHTTP2.preface + RawHTTP2.call(message: [0, 0, 0, 0, 100, 1, 2, 3])
                try await channel.writeAndFlush(ByteBuffer(bytes: call.dropLast(2)))
                try await channel.close()
            }
            #expect(try await service.balances(17).count == 1)
        }
    }
}
