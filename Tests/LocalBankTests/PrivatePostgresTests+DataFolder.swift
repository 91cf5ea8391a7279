import Testing

@testable import LocalBank

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What is where the data is to be.
extension PrivatePostgresTests {
    @Test func dataOfAnotherVersionIsRefused() async throws {
        try await Fixture.with { fixture in
            let home = fixture.bank.home
            try home.makeFolders()
            try Folders.make(home.dataFolder, mode: 0o700)
            try Files.replace("\(home.dataFolder)/PG_VERSION", with: "9\n")
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
            try Files.replace("\(home.dataFolder)/PG_VERSION", with: "\(version)\n")
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
