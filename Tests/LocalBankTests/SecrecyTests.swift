import Testing

@testable import LocalBank

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite struct SecrecyTests {
    @Test func passwordIsInTheServicesEnvironmentOnly() async throws {
        try await Fixture.with { fixture in
            let bank = try await fixture.up(fixture.external)
            let home = fixture.bank.home
            #expect(Files.readText(home.stateFile)?.contains(Fixture.password) == false)
            var info = stat()
            #expect(stat(home.stateFile, &info) == 0)
            #expect(info.st_mode & 0o777 == 0o600)
            #expect(!"\(fixture.steps.all) \(bank)".contains(Fixture.password))
            #if os(Linux)
            for process in bank.processes {
                let arguments = Files.readText("/proc/\(process.pid)/cmdline")
                #expect(arguments?.contains(Fixture.password) == false)
                let environment = Files.readText("/proc/\(process.pid)/environ")
                let isService = process.part.tier == .balanceService
                #expect(environment?.contains(Fixture.externalURL) == isService)
            }
            #endif
        }
    }

    @Test func homeIsClosedToOthers() async throws {
        try await Fixture.with { fixture in
            try fixture.bank.home.makeFolders()
            var info = stat()
            #expect(stat(fixture.bank.home.path, &info) == 0)
            #expect(info.st_mode & 0o066 == 0)
        }
    }

    #if os(Linux)
    @Test func variablesReachTheTiersByteForByte() async throws {
        let values: [[UInt8]] = [
            Array("\u{301}x".utf8), [0xFF, 0x3D, 0xFE], Array("=\u{301}".utf8),
        ]
        for (index, value) in values.enumerated() {
            setenv("TELLER_TEST_\(index)", (value + [0]).map(CChar.init(bitPattern:)), 1)
        }
        defer { for index in values.indices { unsetenv("TELLER_TEST_\(index)") } }
        try await Fixture.with { fixture in
            for process in try await fixture.up(fixture.external).processes {
                let environment = try #require(Files.read("/proc/\(process.pid)/environ"))
                    .split(separator: 0).map(Array.init)
                for (index, value) in values.enumerated() {
                    #expect(environment.contains(Array("TELLER_TEST_\(index)=".utf8) + value))
                }
            }
        }
    }
    #endif
}
