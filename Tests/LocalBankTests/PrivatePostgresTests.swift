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
    private let options = UpOptions(port: 0, readyTimeout: .seconds(60))

    private func query(_ text: String, _ fixture: Fixture) async throws -> String {
        let postgres = try PrivatePostgres(fixture.bank.home)
        let installation = try await PostgresInstallation.find(wanted: postgres.dataVersion())
        let outcome = try await postgres.command(
            "psql", ["-XAtq", "-d", postgres.url(role: TierContract.appRole), "-c", text],
            installation, .seconds(30)
        ).run()
        return outcome.output.trimmed
    }

    @Test func wholeLife() async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.up(options)
            let home = fixture.bank.home
            #expect(
                first.processes.map(\.part.tier) == [.postgreSQL, .balanceService, .bankServer])
            #expect(try await fixture.bank.status().allSatisfy { $0.state == .ready })
            for (setting, value) in [
                ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"),
                ("data_checksums", "on"), ("listen_addresses", ""), ("server_encoding", "UTF8"),
            ] {
                #expect(try await query("SHOW \(setting)", fixture) == value, "\(setting)")
            }
            #expect(try await query("SELECT current_user", fixture) == "teller_app")

            // The server dies; up finds it and leaves the others alone.
            let server = try #require(try PrivatePostgres(home).running())
            server.signal(9)
            try await eventually("PostgreSQL is gone") { !server.isAlive }
            #expect(try await fixture.bank.status().first?.state == .dead)
            let second = try await fixture.up(options)
            #expect(second.outcome == .repaired([Part(.postgreSQL)]))
            #expect(second.processes.dropFirst() == first.processes.dropFirst())

            let stopped = try await fixture.bank.down()
            #expect(stopped.map(\.part.tier) == [.bankServer, .balanceService, .postgreSQL])
            #expect(stopped.allSatisfy { $0.stop == .drained })
            #expect(try PrivatePostgres(home).running() == nil)

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

    /// An `up` that was itself killed leaves PostgreSQL running without a word in the state.
    @Test func takesOverAServerThatRuns() async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.up(options)
            var state = try fixture.state()
            for part in state.parts where part.tier != .postgreSQL {
                _ = try await state[part]?.terminate()
            }
            state.processes = []
            try state.save(fixture.bank.home)
            let second = try await fixture.up(options)
            #expect(second.processes.first?.pid == first.processes.first?.pid)
            #expect(fixture.steps.all.contains(.alreadyRunning(Part(.postgreSQL))))
        }
    }

    @Test func failureOfATierStopsPostgresToo() async throws {
        let longName = String(repeating: "long-", count: 20)
        try await Fixture.with(homeName: longName) { fixture in
            try fixture.standIns.set(.dies, .balanceService)
            #expect(await fixture.failure(options)?.code == .diedAtStart)
            let postgres = try PrivatePostgres(fixture.bank.home)
            #expect(postgres.socketFolder.hasPrefix("/tmp/"))
            #expect(Files.exists("\(fixture.bank.home.dataFolder)/PG_VERSION"))
            #expect(postgres.running() == nil)
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
                "\(home.dataFolder)/PG_VERSION", with: Array("9\n".utf8), mode: 0o600)
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
                "\(home.dataFolder)/PG_VERSION", with: Array("\(version)\n".utf8), mode: 0o600)
            try Files.replace("\(home.dataFolder)/global/pg_control", with: [], mode: 0o600)
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
            try Files.replace(file, with: [], mode: 0o600)
            #expect(await fixture.failure(options)?.code == .homeUnusable)
            #expect(Files.exists(file))
        }
    }

    @Test func lastLinesOfInitdbAreInTheError() async throws {
        try await Fixture.with { fixture in
            // A program that refuses initdb's options, and that PostgreSQL's user can run.
            #expect(symlink("/bin/ls", "\(fixture.standIns.folder)/initdb") == 0)
            let postgres = try PrivatePostgres(fixture.bank.home)
            try fixture.bank.home.makeFolders()
            try postgres.makeFolders()
            let installation = PostgresInstallation(
                binFolder: fixture.standIns.folder, majorVersion: 15)
            let error = await #expect(throws: LocalBankError.self) {
                try await postgres.create(installation)
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
