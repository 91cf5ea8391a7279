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
}
