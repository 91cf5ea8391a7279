import TestSupport
import Testing

@testable import LocalBank

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

private let hasTierUser = Host.isRoot && SystemUser(named: ProcessUser.name) != nil

/// Whom the tiers run as, when it is root who starts them.
extension PrivatePostgresTests {
    /// root's tiers are another user, who can connect as the tiers' role and reach nothing else.
    @Test(.enabled(if: hasTierUser))
    func tiersHaveAUserOfTheirOwn() async throws {
        try await Fixture.with(tierUser: ProcessUser.name) { fixture in
            chmod(fixture.standIns.folder, 0o777)
            let bank = try await fixture.up(options)
            let user = try #require(SystemUser(named: ProcessUser.name))
            for process in bank.processes where process.part.tier != .postgreSQL {
                var info = stat()
                #expect(stat("/proc/\(process.identity.pid)", &info) == 0)
                #expect(info.st_uid == user.userID, "\(process.part)")
            }
            let socket = try #require(bank.processes.first { $0.part.tier == .balanceService })
            #expect(socket.address?.hasPrefix("unix:\(fixture.bank.home.tierFolder)/") == true)
            #expect(Folders.isPrivate(fixture.bank.home.tierFolder, owner: user))
            // No log, no data, no other role.
            let postgres = PrivatePostgres(fixture.bank.home)
            func psql(as role: String) async throws -> Command.Outcome {
                var psql = try await postgres.command(
                    "psql", ["-XAtq", "-d", postgres.url(role: role), "-c", "SELECT current_user"])
                psql.user = ProcessUser(user: user)
                return try await psql.run(within: .seconds(30))
            }
            #expect(try await psql(as: LocalBank.appRole).output.trimmed == LocalBank.appRole)
            let refused = try await psql(as: "postgres")
            #expect(refused.output.contains("Peer authentication failed"), "\(refused.output)")
            for path in bank.processes.map(\.logPath) + [fixture.bank.home.dataFolder] {
                let outcome = try await Command(
                    program: "/bin/ls", arguments: [path + (path.hasSuffix(".log") ? "/." : "")],
                    user: ProcessUser(user: user)
                ).run(within: .seconds(10))
                #expect(!outcome.succeeded, "\(path)")
            }
            try await fixture.waitForStates([.ready, .ready, .ready])
            #expect(try await fixture.bank.down().allSatisfy { $0.stop == .drained })
        }
    }

    /// As of a clone in root's own folder.
    @Test(.enabled(if: hasTierUser))
    func aProgramOutOfReachIsHandedOver() async throws {
        try await Fixture.with { fixture in
            let folder = "\(fixture.folder)/closed"
            try Folders.make(folder, mode: 0o700)
            let bytes = try #require(Files.bytes(of: "/usr/bin/id", limit: 1 << 24))
            try Files.replace("\(folder)/id", with: bytes, mode: 0o755)
            let user = try #require(SystemUser(named: ProcessUser.name))
            let outcome = try await Command(
                program: "\(folder)/id", arguments: ["-u"],
                user: ProcessUser(user: user, handsOver: true)
            ).run(within: .seconds(10))
            #expect(outcome.output.trimmed == "\(user.userID)")
        }
    }

    /// root is asked for too, and waited for as the other was.
    @Test(.enabled(if: hasTierUser))
    func tiersStayRootWhereTheDatabaseRefusesTheirUser() async throws {
        try await Fixture.with(tierUser: ProcessUser.name) { fixture in
            chmod(fixture.standIns.folder, 0o777)
            try fixture.standIns.set(.denies, .balanceService)
            try fixture.standIns.set(.recovers, .balanceService, says: "starting up")
            let starting = Task { try await fixture.up(fixture.external) }
            try await eventually { fixture.steps.waits == ["starting up"] }
            try fixture.standIns.clear(.recovers, .balanceService)
            #expect(try await starting.value.outcome == .started)
            #expect(
                fixture.steps.all.contains(
                    .tiersStayRoot(
                        because: "the database refuses the user teller: no entry for \"teller\"")))
        }
    }

    /// What went wrong otherwise is not tried again with more rights.
    @Test(.enabled(if: hasTierUser))
    func onlyARefusedLoginIsTriedAsRoot() async throws {
        try await Fixture.with(tierUser: ProcessUser.name) { fixture in
            chmod(fixture.standIns.folder, 0o777)
            try fixture.standIns.set(.refuses, .balanceService)
            #expect(await fixture.failure(fixture.external)?.code == .migrationFailed)
            #expect(fixture.standIns.events == ["migrate"])
        }
    }

    @Test(.enabled(if: Host.isRoot)) func saysWhyTheTiersStayRoot() async throws {
        try await Fixture.with(tierUser: "nobody-of-this-name") { fixture in
            _ = try await fixture.up(fixture.external)
            #expect(
                fixture.steps.all.contains(
                    .tiersStayRoot(
                        because: "there is no user nobody-of-this-name, whom scripts/setup makes")))
        }
    }
}
