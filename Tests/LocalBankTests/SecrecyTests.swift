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
            #expect(Files.text(of: home.stateFile)?.contains(Fixture.password) == false)
            var info = stat()
            #expect(stat(home.stateFile, &info) == 0)
            #expect(info.st_mode & 0o777 == 0o600)
            #expect(!"\(fixture.steps.all) \(bank)".contains(Fixture.password))
            #if os(Linux)
            for process in bank.processes {
                let arguments = Files.text(of: "/proc/\(process.identity.pid)/cmdline")
                #expect(arguments?.contains(Fixture.password) == false)
                let environment = Files.text(of: "/proc/\(process.identity.pid)/environ")
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

    /// Keys to what is root's, and more that the tiers do not read.
    @Test func anotherUserGetsOnlyTheTiersVariables() async throws {
        try await Fixture.with { fixture in
            let kept = [
                "LC_TELLER_TEST", "BANK_SERVER_TELLER_TEST", "PG_TELLER_TEST",
                "IDENTITY_DATABASE_URL", "PATH",
            ]
            let dropped = ["TEST_ACCESS_TOKEN", "SSH_AUTH_SOCK_TEST", "BASH_FUNC_test"]
            let ofAnotherBank = [
                "DATABASE_URL_FILE", "BALANCE_SERVICE_SETTINGS", "DEMO_PASSWORD_TELLER_TEST",
            ]
            let names = kept.dropLast() + dropped + ofAnotherBank
            for name in names { setenv(name, "x", 1) }
            defer { for name in names { unsetenv(name) } }
            let database = Database.elsewhere(DatabaseAddress("x"))
            let service = fixture.bank.processes(copies: 1, database)[0]
            let ownDatabase = Database.own(PrivatePostgres(fixture.bank.home))
            let own = try fixture.bank.migration(demo: false, ownDatabase, BankState()).variables
            #expect(own["IDENTITY_DATABASE_URL"]?.contains(LocalBank.identityRole) == true)
            for user in [nil, ProcessUser(user: .current)] {
                let state = BankState(tierUser: user)
                for variables in [
                    try await service.command(state) { _ in }.variables,
                    try fixture.bank.migration(demo: false, database, state).variables,
                ] {
                    for name in kept { #expect(variables[name] != nil, "\(name)") }
                    for name in dropped {
                        #expect((variables[name] == nil) == (user != nil), "\(name)")
                    }
                    for name in ofAnotherBank { #expect(variables[name] == nil, "\(name)") }
                    #expect(variables["DATABASE_URL"] == "x")
                }
            }
        }
    }

    /// In /tmp somebody else may have put a link where the sockets are to be.
    @Test func aPrivateFolderIsNoLink() async throws {
        try await Fixture.with { fixture in
            let (folder, link) = ("\(fixture.folder)/other", "\(fixture.folder)/link")
            try Folders.make(folder, mode: 0o755)
            chmod(folder, 0o755)
            #expect(symlink(folder, link) == 0)
            for path in [link, folder] {
                #expect(throws: Files.Failure.self) {
                    try Folders.makePrivate(path, owner: .current)
                }
            }
            var info = stat()
            #expect(stat(folder, &info) == 0)
            #expect(info.st_mode & 0o777 == 0o755)
            let own = "\(fixture.folder)/own"
            for _ in 1...2 { try Folders.makePrivate(own, owner: .current, passableBy: .current) }
            #expect(stat(own, &info) == 0)
            #expect(info.st_mode & 0o777 == 0o710)
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
                let path = "/proc/\(process.identity.pid)/environ"
                let environment = try #require(Files.bytes(of: path))
                    .split(separator: 0).map(Array.init)
                for (index, value) in values.enumerated() {
                    #expect(environment.contains(Array("TELLER_TEST_\(index)=".utf8) + value))
                }
            }
        }
    }
    #endif
}
