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

/// A bank on a real PostgreSQL of its own. One at a time: initdb is work for the disk.
@Suite(.serialized) struct PrivatePostgresTests {
    private let options = UpOptions(port: 0, readyTimeout: .seconds(90))

    private func postmaster(_ fixture: Fixture) throws -> ProcessIdentity? {
        try BankState.load(fixture.bank.home)?[Part(.postgreSQL)]?.identity
    }

    private func query(_ text: String, _ fixture: Fixture) async throws -> String {
        let postgres = PrivatePostgres(fixture.bank.home)
        let outcome = try await postgres.command(
            "psql", ["-XAtq", "-d", postgres.url(role: LocalBank.appRole), "-c", text]
        ).run(within: .seconds(30))
        return outcome.output.trimmed
    }

    @Test func wholeLife() async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.up(options)
            let home = fixture.bank.home
            #expect(
                first.processes.map(\.part.tier) == [.postgreSQL, .balanceService, .bankServer])
            try await fixture.waitForStates([.ready, .ready, .ready])
            for (setting, value) in [
                ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"),
                ("data_checksums", "on"), ("listen_addresses", ""), ("server_encoding", "UTF8"),
            ] {
                #expect(try await query("SHOW \(setting)", fixture) == value, "\(setting)")
            }
            #expect(try await query("SELECT current_user", fixture) == "teller_app")

            // The server dies; up finds it and leaves the others alone.
            let server = try #require(try postmaster(fixture))
            server.signal(.SIGKILL)
            try await eventually { !server.isAlive }
            #expect(try await fixture.bank.status().first?.state == .dead)
            let second = try await fixture.up(options)
            #expect(second.outcome == .repaired([Part(.postgreSQL)]))
            #expect(second.processes.dropFirst() == first.processes.dropFirst())

            let stopped = try await fixture.bank.down()
            #expect(stopped.map(\.part.tier) == [.bankServer, .balanceService, .postgreSQL])
            #expect(stopped.allSatisfy { $0.stop == .drained })
            #expect(try await fixture.bank.runningParts().isEmpty)

            // The data is there again, and the demo data is not loaded twice.
            #expect(try await fixture.up(options).outcome == .started)
            #expect(
                fixture.standIns.events.filter { $0.hasPrefix("migrate") }
                    == ["migrate --demo", "migrate"])
            try await fixture.bank.down(purge: true)
            #expect(!Files.exists(home.postgresFolder))
            #expect(!Files.exists(home.logFolder))
        }
    }

    /// A standby that takes no readers answers as one that recovers does, for as long as one likes.
    @Test func recoveryIsWaitedFor() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.up(options)
            try await fixture.bank.down()
            let home = fixture.bank.home
            let postgres = PrivatePostgres(home)
            let automatic = "\(home.dataFolder)/postgresql.auto.conf"
            try Files.replace(
                automatic, with: "hot_standby = off\n", owner: postgres.user)
            try Files.replace(
                "\(home.dataFolder)/standby.signal", with: "", owner: postgres.user)
            let starting = Task { try await fixture.up(options) }
            try await eventually {
                fixture.steps.waits.contains {
                    $0.contains("not accepting connections: Hot standby mode is disabled")
                }
            }
            let promotion = try await postgres.command(
                "pg_ctl", ["promote", "--pgdata", home.dataFolder]
            ).run(within: .seconds(60))
            #expect(promotion.succeeded, "\(promotion.output)")
            #expect(try await starting.value.outcome == .started)
        }
    }

    /// It serves, whatever it refuses: what is wrong is said at once, and not waited for.
    @Test func aServerThatRefusesForGoodIsNotWaitedFor() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.up(options)
            let postgres = PrivatePostgres(fixture.bank.home)
            let outcome = try await postgres.command(
                "psql",
                [
                    "-XAtq", "-d", postgres.url(role: "postgres"), "-c",
                    "ALTER DATABASE postgres ALLOW_CONNECTIONS false",
                ]
            ).run(within: .seconds(30))
            #expect(outcome.succeeded, "\(outcome.output)")
            #expect(try await postgres.readiness() == .ready(address: postgres.socketFolder))
            try await fixture.bank.down()
            #expect(await fixture.failure(options)?.code == .postgresFailed)
        }
    }

    /// A session that goes on keeps it from ending.
    @Test func aServerThatShutsDownIsNotWaitedForWithoutEnd() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.up(options)
            let home = fixture.bank.home
            let postgres = PrivatePostgres(home)
            let sleeper = Task { try await query("SELECT pg_sleep(600)", fixture) }
            try await eventually {
                let count = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%sleep(600)'"
                return try await query(count, fixture) == "1"
            }
            let stop = ["stop", "--pgdata", home.dataFolder, "--mode", "smart", "--no-wait"]
            _ = try await postgres.command("pg_ctl", stop).run(within: .seconds(30))
            let words = "the database system is shutting down"
            try await eventually {
                try await postgres.readiness() == .refuses(words)
            }
            var options = options
            options.readyTimeout = .seconds(1)
            #expect(await fixture.failure(options)?.code == .notReady)
            #expect(fixture.steps.waits == [words])
            sleeper.cancel()
            _ = try? await sleeper.value
        }
    }

    @Test func recoveryCanBeInterrupted() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.up(options)
            try await fixture.bank.down()
            let home = fixture.bank.home
            let postgres = PrivatePostgres(home)
            try Files.replace(
                "\(home.dataFolder)/postgresql.auto.conf", with: Array("hot_standby = off\n".utf8),
                mode: 0o600, owner: postgres.user)
            try Files.replace(
                "\(home.dataFolder)/standby.signal", with: "", owner: postgres.user)
            let starting = Task { try await fixture.up(options) }
            try await eventually {
                !fixture.steps.waits.isEmpty
            }
            starting.cancel()
            await #expect(throws: CancellationError.self) { try await starting.value }
            #expect(try await fixture.bank.runningParts().isEmpty)
        }
    }

    /// A home of the version before: its state has no `tierUser`, its services have ports.
    @Test func aHomeOfTheVersionBefore() async throws {
        try await Fixture.with { fixture in
            let home = fixture.bank.home
            let first = try await fixture.up(options)
            try await fixture.end(Part(.balanceService))
            let processes = first.processes.map { process in
                let identity = process.identity
                let isService = process.part.tier == .balanceService
                return """
                    { "address" : "\(isService ? "127.0.0.1:0" : process.address ?? "")", "identity" : {
                    "bootID" : "\(identity.bootID)", "pid" : \(identity.pid), "startTime" :
                    \(identity.startTime) }, "logPath" : "\(process.logPath)", "part" : { "copy" : 1,
                    "tier" : "\(process.part.tier.rawValue)" }, "startedAtSeconds" : 1 }
                    """
            }
            let state = """
                { "copies" : 1, "migrated" : true, "port" : 0, "version" : 1, "processes" :
                [ \(processes.joined(separator: ",")) ] }
                """
            try Files.replace(home.stateFile, with: state)
            try await fixture.waitForStates([.ready, .dead, .ready])

            let second = try await fixture.up(options)
            #expect(second.outcome == .repaired([Part(.balanceService)]))
            #expect(second.processes[1].address?.hasPrefix("127.0.0.1:") == true)
            #expect(
                try await fixture.bank.down().map(\.part.tier)
                    == [.bankServer, .balanceService, .postgreSQL])
            #expect(try await fixture.up(options).outcome == .started)
        }
    }

    /// root's tiers are another user, who can connect as the tiers' role and reach nothing else.
    @Test(.enabled(if: Host.isRoot && SystemUser(named: ProcessUser.name) != nil))
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
    @Test(.enabled(if: Host.isRoot && SystemUser(named: ProcessUser.name) != nil))
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
    @Test(.enabled(if: Host.isRoot && SystemUser(named: ProcessUser.name) != nil))
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
    @Test(.enabled(if: Host.isRoot && SystemUser(named: ProcessUser.name) != nil))
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

    /// An `up` that was itself killed leaves PostgreSQL running without a word in the state.
    @Test func takesOverAServerThatRuns() async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.up(options)
            for part in [Part(.bankServer), Part(.balanceService)] {
                try await fixture.end(part)
            }
            var state = try fixture.state()
            state.processes = []
            try state.save(fixture.bank.home)
            let second = try await fixture.up(options)
            #expect(second.processes.first?.identity == first.processes.first?.identity)
            #expect(fixture.steps.all.contains(.alreadyRunning(Part(.postgreSQL))))
        }
    }

    @Test func failureOfATierStopsPostgresToo() async throws {
        let longName = String(repeating: "long-", count: 20)
        try await Fixture.with(homeName: longName) { fixture in
            try fixture.standIns.set(.dies, .balanceService)
            #expect(await fixture.failure(options)?.code == .diedAtStart)
            let postgres = PrivatePostgres(fixture.bank.home)
            #expect(postgres.socketFolder.hasPrefix("/tmp/"))
            #expect(Files.exists("\(fixture.bank.home.dataFolder)/PG_VERSION"))
            #expect(try await fixture.bank.runningParts().isEmpty)
            try await fixture.bank.down(purge: true)
            #expect(!Files.exists(postgres.socketFolder))
        }
    }

    @Test func dataOfAnotherVersionIsRefused() async throws {
        try await Fixture.with { fixture in
            let home = fixture.bank.home
            try home.makeFolders()
            try Folders.make(home.dataFolder, mode: 0o700)
            try Files.replace(
                "\(home.dataFolder)/PG_VERSION", with: "9\n")
            let error = try #require(await fixture.failure(options))
            let installed = try await PostgresInstallation.find(wanted: nil).majorVersion
            #expect(error.code == .postgresVersion)
            #expect(error.message.contains("of PostgreSQL 9"))
            #expect(error.message.contains("is PostgreSQL \(installed)"))
            #expect(fixture.standIns.events.isEmpty)
        }
    }

    /// A purge of an earlier version was interrupted: it deleted in any order.
    @Test(arguments: ["PG_VERSION", "global/pg_control", "base", "pg_wal"])
    func halfDeletedFolderIsNoBank(missing: String) async throws {
        try await Fixture.with { fixture in
            let home = fixture.bank.home
            try home.makeFolders()
            for name in ["global", "base", "pg_wal"] {
                try Folders.make("\(home.dataFolder)/\(name)", mode: 0o700)
            }
            let version = try await PostgresInstallation.find(wanted: nil).majorVersion
            try Files.replace(
                "\(home.dataFolder)/PG_VERSION", with: "\(version)\n")
            try Files.replace("\(home.dataFolder)/global/pg_control", with: "")
            try Folders.removeAll("\(home.dataFolder)/\(missing)")
            let error = try #require(await fixture.failure(options))
            #expect(error.code == .homeUnusable)
            #expect(error.description.contains("teller down --purge"))
            try await fixture.bank.down(purge: true)
            #expect(!Files.exists(home.dataFolder))
        }
    }

    @Test func folderThatIsNoDataFolderIsLeftAlone() async throws {
        try await Fixture.with { fixture in
            let home = fixture.bank.home
            try home.makeFolders()
            try Folders.make(home.dataFolder, mode: 0o700)
            let file = "\(home.dataFolder)/thesis.txt"
            try Files.replace(file, with: "")
            #expect(await fixture.failure(options)?.code == .homeUnusable)
            #expect(Files.exists(file))
        }
    }

    @Test func lastLinesOfInitdbAreInTheError() async throws {
        try await Fixture.with { fixture in
            // A program that refuses initdb's options, and that PostgreSQL's user can run.
            #expect(symlink("/bin/ls", "\(fixture.standIns.folder)/initdb") == 0)
            let postgres = PrivatePostgres(
                fixture.bank.home,
                PostgresInstallation(binFolder: fixture.standIns.folder, majorVersion: 15))
            try fixture.bank.home.makeFolders()
            try postgres.makeFolders()
            let error = await #expect(throws: LocalBankError.self) {
                try await postgres.create()
            }
            #expect(error?.code == .postgresFailed)
            #expect(error?.logTail.first?.contains("option") == true)
            #expect(!Files.exists(fixture.bank.home.dataFolder))
        }
    }

    /// root's PostgreSQL runs as another user, who has to get to its folder.
    @Test(.enabled(if: Host.isRoot)) func folderOutOfReachIsNamed() async throws {
        try await Fixture.with(homeName: "closed/home") { fixture in
            try Folders.make("\(fixture.folder)/closed", mode: 0o700)
            let error = try #require(await fixture.failure(options))
            #expect(error.code == .homeUnusable)
            #expect(error.message.hasSuffix("cannot pass through \(fixture.folder)/closed"))
        }
    }

    @Test func deletingDoesNotFollowLinks() async throws {
        try await Fixture.with { fixture in
            let folder = "\(fixture.folder)/tree"
            try Folders.make("\(folder)/deep", mode: 0o700)
            #expect(symlink(fixture.standIns.folder, "\(folder)/deep/link") == 0)
            try Folders.removeAll(folder)
            #expect(!Files.exists(folder))
            #expect(Files.exists("\(fixture.standIns.folder)/bank-server"))
        }
    }
}
