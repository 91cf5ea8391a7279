import BalanceAPI
import BalanceTransport
import Certificates
import Chain
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOPosix
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// Who is let in, and to what: by certificates.
    @Suite struct CallerCheckTests {
        private enum Answer: Equatable {
            case answered
            /// TLS refuses: no call is made.
            case noConnection
            case refused(RPCError.Code)
        }

        @Test func everyMethodHasItsCallers() {
            let methods =
                Teller_Balance_V1_Balances.Method.descriptors
                + Teller_Balance_V1_Ledger.Method.descriptors
                + Teller_Identity_V1_Identity.Method.descriptors
                + Grpc_Health_V1_Health.Method.descriptors
            #expect(Set(methods) == Set(CallersOfMethods.table.keys))
        }

        @Test func onlyTheBankServerGetsToTheLedger() async throws {
            try await withFolder { folder in
                let own = try TestCertificates(in: folder)
                let other = try TestCertificates(in: "\(folder)/other")
                let old = try own.make(for: .bankServer, in: "old", age: 90000)
                let callers: [(CertificateFolder?, Answer)] = [
                    (try own.make(for: .bankServer), .answered),
                    (try own.make(for: .balanceService, in: "peer"), .refused(.permissionDenied)),
                    (try own.make(for: .init(rawValue: "x")), .refused(.permissionDenied)),
                    (
                        try own.make(for: .init(server: "bank-server", hosts: []), in: "no-tier"),
                        .refused(.permissionDenied)
                    ),
                    (try other.make(for: .bankServer, trusting: own), .noConnection),
                    (old, .noConnection), (nil, .refused(.unavailable)),
                ]
                try await withBank { url in
                    let tls = try tier(try own.make(for: .balanceService))
                    try await withService(url, tls: tls) { service in
                        for (caller, answer) in callers {
                            let given = await ask(service, by: try caller.map { try tier($0) })
                            #expect(given == answer, "\(caller?.path ?? "plaintext")")
                        }
                        #expect(await ask(service, byNobody: folder) == .noConnection)
                    }
                }
            }
        }

        /// Whatever it sends: it is refused before that is read.
        @Test func eachMethodIsForItsTiersOnly() async throws {
            try await withFolder { folder in
                let own = try TestCertificates(in: folder)
                let tiers = [TierName.bankServer, .balanceService, .init(rawValue: "x")]
                try await withBank { url in
                    let tls = try tier(try own.make(for: .balanceService))
                    let peers = try tiers.map { try tier(try own.make(for: $0, in: "peer-\($0)")) }
                    try await withService(url, tls: tls, asking: nil) { service in
                        for (name, peer) in zip(tiers, peers) {
                            for method in RPCRightsTests.methods {
                                let isCheck =
                                    method == Grpc_Health_V1_Health.Method.Check.descriptor
                                let isHers =
                                    name == .bankServer || name == .balanceService && isCheck
                                let isLetIn = try await isLetIn(to: method, of: service, peer)
                                #expect(isLetIn == isHers, "\(method) by \(name)")
                            }
                        }
                    }
                }
            }
        }

        private func isLetIn(
            to method: MethodDescriptor, of service: RunningService, _ tls: TierTLS
        ) async throws -> Bool {
            let transport = try HTTP2ClientTransport.Posix(
                toBalanceServiceAt: service.address, tls: tls,
                on: .singletonMultiThreadedEventLoopGroup)
            return try await withGRPCClient(transport: transport) { client in
                do {
                    return try await client.bidirectionalStreaming(
                        request: StreamingClientRequest { try await $0.write([]) },
                        descriptor: method, serializer: Bytes(), deserializer: Bytes(),
                        options: .defaults
                    ) { response in
                        // A stream without an end is answered, or begun.
                        for try await _ in response.messages { return true }
                        return true
                    }
                } catch let error as RPCError {
                    return error.code != .permissionDenied
                }
            }
        }

        /// A message as it is.
        private struct Bytes: MessageSerializer, MessageDeserializer {
            func serialize<Result: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Result {
                Result(message)
            }

            func deserialize<Source: GRPCContiguousBytes>(_ bytes: Source) throws -> [UInt8] {
                bytes.withUnsafeBytes { Array($0) }
            }
        }

        /// Who answers in a balance service's place, with a certificate of the same authority or not.
        @Test(arguments: [true, false]) func theServiceIsKnown(isOfTheBank: Bool) async throws {
            try await withFolder { folder in
                let own = try TestCertificates(in: folder)
                let other = try TestCertificates(in: "\(folder)/other")
                let caller = try tier(try own.make(for: .bankServer))
                let service =
                    isOfTheBank
                    ? caller : try tier(try other.make(for: .balanceService, trusting: own))
                try await withBank { url in
                    try await withService(url, tls: service) { service in
                        #expect(await ask(service, by: caller) == .noConnection)
                    }
                }
            }
        }

        @Test func aNewCertificateNeedsNoRestart() async throws {
            try await withFolder { folder in
                let own = try TestCertificates(in: folder)
                let files = try own.make(for: .balanceService, age: 90000)
                let caller = try tier(try own.make(for: .bankServer))
                let tls = try TierTLS(files, refreshInterval: .milliseconds(20), logger: .silent)
                try await withBank { url in
                    try await withService(url, tls: tls) { service in
                        #expect(await ask(service, by: caller) == .noConnection)
                        _ = try own.make(for: .balanceService)
                        try await eventually {
                            await ask(service, by: caller) == .answered
                        }
                    }
                }
            }
        }

        private func tier(_ folder: CertificateFolder) throws -> TierTLS {
            try TierTLS(folder, logger: .silent)
        }

        private func ask(_ service: RunningService, by tls: TierTLS?) async -> Answer {
            await ask {
                try HTTP2ClientTransport.Posix(
                    toBalanceServiceAt: service.address, tls: tls,
                    on: .singletonMultiThreadedEventLoopGroup)
            }
        }

        /// By a client that knows the service, and shows no certificate.
        private func ask(_ service: RunningService, byNobody folder: String) async -> Answer {
            await ask {
                try HTTP2ClientTransport.Posix(
                    target: .ipv4(address: service.address.host, port: service.address.port),
                    transportSecurity: .tls {
                        $0.trustRoots = .certificates([
                            .file(path: "\(folder)/balance-service/ca.crt", format: .pem)
                        ])
                    },
                    config: .defaults { $0.http2.authority = TierName.balanceService.hostName })
            }
        }

        private func ask(_ transport: () throws -> HTTP2ClientTransport.Posix) async -> Answer {
            do {
                return try await withGRPCClient(transport: try transport()) { client in
                    _ = try await Teller_Balance_V1_Ledger.Client(wrapping: client).getLedger(
                        .init())
                    return .answered
                }
            } catch {
                if TLSTrouble.isCause(of: error) { return .noConnection }
                return .refused((error as? RPCError)?.code ?? .unknown)
            }
        }

        private func withFolder(_ body: (String) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("certificates-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await body(folder)
        }
    }
}
