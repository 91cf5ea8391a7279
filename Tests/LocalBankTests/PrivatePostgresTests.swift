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
    let options = UpOptions(port: 0, readyTimeout: .seconds(90))

    private func postmaster(_ fixture: Fixture) throws -> ProcessIdentity? {
        try BankState.load(fixture.bank.home)?[Part(.postgreSQL)]?.identity
    }

    func query(_ text: String, _ fixture: Fixture) async throws -> String {
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
                ("log_error_verbosity", "terse"),
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
            // Its people are made once, and who owns the bank alone reads their passwords.
            #expect(fixture.standIns.events.count { $0 == "user demo --reset" } == 1)
            #expect(
                Files.text(of: home.demoUsersFile) == "alice one-password\noperator another\n")
            #expect(fixture.bank.demoPassword(of: "alice") == "one-password")
            #expect(fixture.bank.demoPassword(of: "bob") == nil)
            var info = stat()
            #expect(stat(home.demoUsersFile, &info) == 0 && info.st_mode & 0o777 == 0o600)
            try await fixture.bank.down(purge: true)
            #expect(!Files.exists(home.demoUsersFile))
            #expect(!Files.exists(home.postgresFolder))
            #expect(!Files.exists(home.logFolder))
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
}
