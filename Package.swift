// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let certificateReloading = Target.Dependency.product(
    name: "NIOCertificateReloading", package: "swift-nio-extras")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let serviceLifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(
    name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcTransport = Target.Dependency.product(
    name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")

let asyncHTTPClient = Target.Dependency.product(
    name: "AsyncHTTPClient", package: "async-http-client")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// Optimised across modules: what all tiers share is generic, and on every request's way.
let sharedSettings =
    swiftSettings + [
        .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))
    ]

let package = Package(
    name: "teller",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "teller", targets: ["Teller"]),
        .executable(name: "bank-server", targets: ["BankServer"]),
        .executable(name: "balance-service", targets: ["BalanceService"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.44.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    ],
    targets: [
        // Tier 1: the front client.
        .executableTarget(
            name: "Teller",
            dependencies: [
                "BankClient", "BankAPI", "Ledger", "Chain", "Bytes", "LocalBank", argumentParser,
                nioPosix,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Tiers/Teller", swiftSettings: swiftSettings),
        // Hop 1: JSON over HTTP.
        .target(
            name: "BankAPI", dependencies: ["Ledger", "Chain", "Bytes", nioCore],
            path: "Sources/Hops/BankAPI", resources: [.embedInCode("openapi.yaml")],
            swiftSettings: swiftSettings),
        .target(
            name: "BankClient",
            dependencies: [
                "BankAPI", "Ledger", "Chain", "Bytes", asyncHTTPClient, nioCore, nioHTTP1, nioPosix,
                nioSSL,
            ],
            path: "Sources/Hops/BankClient", swiftSettings: swiftSettings),
        // Tier 2: the bank application server.
        .executableTarget(
            name: "BankServer",
            dependencies: [
                "BankAPI", "BalanceAPI", "BalanceClient", "BalanceTransport", "Certificates",
                "HTTPFront", "Ledger", "Chain", "Bytes", argumentParser,
                logging, nioCore, nioPosix, nioSSL, serviceLifecycle, grpcCore, grpcTransport,
                nioHTTP1, protobuf,
            ],
            path: "Sources/Tiers/BankServer", swiftSettings: swiftSettings),
        // Hop 2: protobuf over gRPC.
        .target(
            name: "BalanceAPI",
            dependencies: [
                "Ledger", "Chain", grpcCore, grpcProtobuf,
                protobuf,
            ],
            path: "Sources/Hops/BalanceAPI", exclude: ["Protos"], swiftSettings: swiftSettings),
        .target(
            name: "BalanceClient",
            dependencies: [
                "BalanceAPI", "Ledger", "Chain", logging, nioCore, serviceLifecycle, grpcCore,
                grpcProtobuf, protobuf,
            ],
            path: "Sources/Hops/BalanceClient", swiftSettings: swiftSettings),
        // What carries hop 2: gRPC by mutual TLS.
        .target(
            name: "BalanceTransport",
            dependencies: [
                "Certificates", "Chain", grpcCore, grpcTransport, certificateReloading, logging,
                nioCore, nioSSL, serviceLifecycle,
            ],
            path: "Sources/Hops/BalanceTransport", swiftSettings: swiftSettings),
        // Tier 3: the balance service.
        .executableTarget(
            name: "BalanceService",
            dependencies: [
                "BalanceAPI", "BalanceTransport", "Certificates", "Postgres", "CArgon2", "Ledger",
                "Chain", "Bytes", argumentParser,
                logging, nioCore,
                nioHPACK, nioHTTP2, nioPosix, serviceLifecycle, grpcCore, grpcProtobuf,
                grpcTransport, protobuf,
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Sources/Tiers/BalanceService",
            resources: [
                .embedInCode("sql"), .embedInCode("Identity/Passwords/common-passwords.txt"),
            ],
            swiftSettings: swiftSettings),
        // Hop 3: libpq under Swift concurrency.
        .target(
            name: "Postgres", dependencies: ["CLibPQ", "Chain", logging],
            path: "Sources/Hops/Postgres", swiftSettings: swiftSettings),
        .systemLibrary(
            name: "CLibPQ", path: "Sources/Hops/CLibPQ", pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        // Hashes of passwords.
        .systemLibrary(
            name: "CArgon2", path: "Sources/Hops/CArgon2", pkgConfig: "libargon2",
            providers: [.apt(["libargon2-dev"]), .brew(["argon2"])]),
        // Shared by the tiers.
        .target(name: "Bytes", path: "Sources/Shared/Bytes", swiftSettings: sharedSettings),
        .target(
            name: "Ledger", dependencies: ["Bytes"], path: "Sources/Shared/Ledger",
            swiftSettings: sharedSettings),
        .target(
            name: "Chain",
            dependencies: [
                "Bytes", logging, nioCore, serviceLifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Shared/Chain", swiftSettings: sharedSettings),
        .target(
            name: "Certificates",
            dependencies: [
                x509, .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ],
            path: "Sources/Shared/Certificates", swiftSettings: swiftSettings),
        .target(
            name: "HTTPFront",
            dependencies: [
                "Bytes", "Chain", certificateReloading, logging, nioCore, nioHTTP1, nioPosix,
                nioSSL,
                serviceLifecycle,
            ],
            path: "Sources/Shared/HTTPFront", swiftSettings: swiftSettings),
        .target(
            name: "LocalBank",
            dependencies: [
                "Bytes", "Certificates",
                .product(name: "Subprocess", package: "swift-subprocess"),
                // Only for the path type in Subprocess's interface; macOS has it in its SDK.
                .product(
                    name: "SystemPackage", package: "swift-system",
                    condition: .when(platforms: [.linux])),
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "TellerTests",
            dependencies: [
                "Teller", "BankClient", "BankAPI", "Ledger", "Chain", "LocalBank", "TestSupport",
                nioCore, nioPosix,
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(
                    name: "SystemPackage", package: "swift-system",
                    condition: .when(platforms: [.linux])),
            ],
            path: "Tests/Tiers/TellerTests", exclude: ["journal-of-0.1.0", "journal-with-people"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "BankClientTests",
            dependencies: ["BankClient", "BankAPI", "Ledger", "Chain", "TestSupport", nioCore],
            path: "Tests/Hops/BankClientTests", swiftSettings: swiftSettings),
        .testTarget(
            name: "BytesTests", dependencies: ["Bytes"], path: "Tests/Shared/BytesTests",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ChainUnitTests", dependencies: ["Chain", logging, nioCore, nioPosix],
            path: "Tests/Shared/ChainUnitTests", swiftSettings: swiftSettings),
        .testTarget(
            name: "HTTPFrontTests",
            dependencies: [
                "HTTPFront", "Certificates", "Chain", "TestSupport", logging, nioCore, nioHTTP1,
                nioPosix, nioSSL, serviceLifecycle,
                .product(name: "InMemoryLogging", package: "swift-log"),
            ],
            path: "Tests/Shared/HTTPFrontTests", swiftSettings: swiftSettings),
        .testTarget(
            name: "BankServerTests",
            dependencies: [
                "BankServer", "BankAPI", "BalanceAPI", "BalanceClient", "HTTPFront", "Ledger",
                "Chain",
                argumentParser, logging,
                nioCore, nioPosix, serviceLifecycle, grpcCore, grpcProtobuf, grpcTransport,
                protobuf,
                asyncHTTPClient, nioHTTP1, yams, "TestSupport",
            ],
            path: "Tests/Tiers/BankServerTests", swiftSettings: swiftSettings),
        .testTarget(
            name: "BalanceClientTests",
            dependencies: [
                "BalanceClient", "BalanceAPI", "Ledger", "Chain", logging, nioCore, nioPosix,
                grpcCore, grpcProtobuf, grpcTransport, protobuf,
            ],
            path: "Tests/Hops/BalanceClientTests", swiftSettings: swiftSettings),
        .testTarget(
            name: "LedgerTests", dependencies: ["Ledger", "TestSupport", "LedgerTestSupport"],
            path: "Tests/Shared/LedgerTests",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "LocalBankTests", dependencies: ["LocalBank", "TestSupport"],
            exclude: ["stand-in.py"],
            swiftSettings: swiftSettings),
        // What tests share: a real PostgreSQL, samples.
        .target(
            name: "TestSupport", dependencies: ["Certificates", "Ledger", logging],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings),
        // The ledger's books in memory, and batches by seed.
        .target(
            name: "LedgerTestSupport", dependencies: ["Ledger", "TestSupport"],
            path: "Tests/LedgerTestSupport", swiftSettings: swiftSettings),
        .testTarget(
            name: "BalanceServiceTests",
            dependencies: [
                "BalanceService", "BalanceAPI", "BalanceTransport", "Certificates", "Postgres",
                "Ledger", "Chain", "TestSupport", "LedgerTestSupport", logging, nioCore, nioPosix,
                serviceLifecycle, grpcCore,
                grpcProtobuf,
                grpcTransport, protobuf,
            ],
            path: "Tests/Tiers/BalanceServiceTests", exclude: ["earlier-ledger.sql"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ChainTests",
            dependencies: [
                "Teller", "BankServer", "BalanceService", "BankAPI", "BalanceTransport",
                "Certificates",
                "Postgres", "Ledger", "Chain", "TestSupport", logging, nioCore, nioHTTP1, nioPosix,
                serviceLifecycle, yams,
            ],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "PostgresTests",
            dependencies: [
                "Postgres", "Chain", "TestSupport", logging,
                .product(name: "InMemoryLogging", package: "swift-log"),
            ],
            path: "Tests/Hops/PostgresTests", swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6]
)
