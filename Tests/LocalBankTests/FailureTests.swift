import TestSupport
import Testing

@testable import LocalBank

/// Parts that do not come up.
@Suite struct FailureTests {
    @Test func partThatDiesIsNamedWithItsLastLines() async throws {
        try await Fixture.with { fixture in
            try fixture.standIns.set(.dies, .bankServer)
            let error = try #require(await fixture.failure(fixture.external))
            #expect(error.code == .diedAtStart)
            #expect(error.part == Part(.bankServer))
            #expect(error.message.contains("exit code 1"))
            #expect(error.logTail.count == 10)
            #expect(error.logTail.last == "no room in the vault")
            #expect(fixture.standIns.events.last == "stop balance-service")
            #expect(try BankState.load(fixture.bank.home) == nil)

            try fixture.standIns.clear(.dies, .bankServer)
            #expect(try await fixture.up(fixture.external).outcome == .started)
        }
    }

    @Test(arguments: [StandIns.Fault.silent, .unready])
    func partThatIsNeverReadyIsStopped(fault: StandIns.Fault) async throws {
        try await Fixture.with { fixture in
            try fixture.standIns.set(fault, .balanceService)
            var options = fixture.external
            // One that listens has to get to it.
            options.readyTimeout = .seconds(fault == .silent ? 2 : 10)
            let error = try #require(await fixture.failure(options))
            #expect(error.code == .notReady)
            #expect(error.part == Part(.balanceService))
            #expect(
                error.message.contains(
                    fault == .silent ? "not listen" : "not ready: certificate not accepted"))
            #expect(!fixture.standIns.events.contains("start bank-server"))
            #expect(try BankState.load(fixture.bank.home) == nil)
        }
    }

    @Test func portInUseIsSaidBeforeAnythingStarts() async throws {
        try await Fixture.with { other in
            let taken = try await other.up(other.external)
            let port = try #require(taken.serverURL.split(separator: ":").last.flatMap { Int($0) })
            try await Fixture.with { fixture in
                var options = fixture.external
                options.port = port
                let error = try #require(await fixture.failure(options))
                #expect(error.code == .portInUse)
                #expect(error.description.contains("port \(port)"))
                #expect(error.description.contains("--port"))
                #expect(fixture.standIns.events.isEmpty)
            }
        }
    }

    @Test func refusedMigrationDoesNotPrintThePassword() async throws {
        try await Fixture.with { fixture in
            try fixture.standIns.set(.refuses, .balanceService)
            let error = try #require(await fixture.failure(fixture.external))
            #expect(error.code == .migrationFailed)
            #expect(error.logTail == ["cannot connect to postgresql://ann:***@db.invalid/bank"])
            #expect(!"\(error) \(error.logTail)".contains(Fixture.password))
        }
    }

    /// What the server said is passed on, in place of a guess.
    @Test(arguments: [
        (
            69, "no such host", LocalBankError.Code.databaseUnavailable,
            "PostgreSQL cannot be reached"
        ),
        (
            69, "server (SQLSTATE 53300): connection failed: FATAL:  53300: too many connections",
            .databaseUnavailable, "PostgreSQL says: too many connections"
        ),
        (
            78, "server (SQLSTATE 3D000): failed: FATAL:  3D000: database \"x\" does not exist",
            .databaseAddress, "PostgreSQL says: database \"x\" does not exist"
        ),
        (
            78, "server (SQLSTATE 25006): cannot execute CREATE TABLE in a read-only transaction",
            .databaseAddress,
            "PostgreSQL says: cannot execute CREATE TABLE in a read-only transaction"
        ),
        (
            78, "the database has the encoding LATIN1: make another", .databaseAddress,
            "the database cannot be used: the database has the encoding LATIN1: make another"
        ),
        (
            77,
            "authenticationFailed (SQLSTATE 28000): failed: FATAL:  28000: role \"a\" is not there",
            .databaseRefused, "PostgreSQL refuses the user: role \"a\" is not there"
        ),
        (70, "x", .migrationFailed, "balance-service migrate failed (exit code 70)"),
    ])
    func saysWhatTheServerSaid(
        status: Int32, line: String, code: LocalBankError.Code, message: String
    ) {
        let output = "log\nbalance-service: PostgreSQL: \(line)\n"
        let isOwn = line.hasPrefix("the database")
        let error = Startup.migrationFailure(
            Command.Outcome(
                exit: .exited(status),
                output: isOwn ? "balance-service: \(line)\n" : output))
        #expect(error.code == code)
        #expect(error.message == message)
    }

    /// The server's own words are shown, whenever they change.
    @Test func databaseThatRecoversIsWaitedFor() async throws {
        try await Fixture.with { fixture in
            let words = ["it is starting up", "it is not accepting: Hot standby mode is disabled."]
            let said = [words[0], "it is not accepting DETAIL:  Hot standby mode is disabled."]
            try fixture.standIns.set(.recovers, .balanceService, says: said[0])
            let starting = Task { try await fixture.up(fixture.external) }
            try await eventually {
                fixture.steps.waits.count == 1
                    && fixture.standIns.events.filter { $0 == "migrate" }.count > 2
            }
            try fixture.standIns.set(.recovers, .balanceService, says: said[1])
            try await eventually { fixture.steps.waits.count == 2 }
            try fixture.standIns.clear(.recovers, .balanceService)
            #expect(try await starting.value.outcome == .started)
            #expect(fixture.steps.waits == words)
        }
    }

    @Test func databaseThatShutsDownIsNotWaitedForWithoutEnd() async throws {
        try await Fixture.with { fixture in
            let words = "the database system is shutting down"
            try fixture.standIns.set(.recovers, .balanceService, says: words)
            var options = fixture.external
            options.readyTimeout = .seconds(1)
            let error = try #require(await fixture.failure(options))
            #expect(error.code == .databaseUnavailable)
            #expect(error.message == "PostgreSQL says: \(words)")
            #expect(fixture.steps.waits == [words])
        }
    }

    @Test func portThatWasTakenMeanwhileIsNamed() async throws {
        try await Fixture.with { fixture in
            let log = fixture.bank.home.logFile(of: Part(.bankServer))
            try fixture.standIns.set(.taken, .bankServer)
            let error = try #require(await fixture.failure(fixture.external))
            #expect(error.code == .portInUse)
            #expect(error.description.contains("127.0.0.1:8080 is in use by another process"))
            #expect(error.description.contains("--port"))
            #expect(error.logPath == log)
        }
    }

    @Test func homeThatCannotBeWrittenIsNamed() async throws {
        try await Fixture.with { fixture in
            let path = "\(fixture.standIns.folder)/bank-server/home"
            let bank = LocalBank(
                home: BankHome(path: path), programFolders: [], tierUserName: nil)
            let error = await #expect(throws: LocalBankError.self) {
                try await bank.up(fixture.external) { _ in }
            }
            #expect(error?.code == .homeUnusable)
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test func executableThatIsMissingIsNamed() throws {
        let bank = LocalBank(
            home: BankHome(path: "/tmp/x"), programFolders: ["/"], tierUserName: nil)
        let error = #expect(throws: LocalBankError.self) { try bank.program(of: .balanceService) }
        #expect(error?.code == .executableMissing)
        #expect(error?.message.contains("balance-service") == true)
    }

    @Test func stubbornPartIsKilled() async throws {
        try await Fixture.with { fixture in
            try fixture.standIns.set(.stubborn, .bankServer)
            _ = try await fixture.up(fixture.external)
            var impatient = fixture.bank.allProcesses
            for index in impatient.indices {
                impatient[index].endings[0].bound = .milliseconds(300)
            }
            let server = try #require(fixture.state()[Part(.bankServer)])
            let stopped = try await Supervisor(fixture.bank.home, impatient).end([server])
            #expect(stopped.map(\.stop) == [.killed])
            #expect(try await fixture.bank.down().map(\.stop) == [.wasDead, .drained])
        }
    }

    @Test func stateOfAnotherKindIsRefused() async throws {
        try await Fixture.with { fixture in
            try fixture.bank.home.makeFolders()
            try Files.replace(fixture.bank.home.stateFile, with: "{")
            #expect(await fixture.failure(fixture.external)?.code == .stateUnreadable)
            #expect(throws: LocalBankError.self) { try fixture.bank.presence() }
            try Folders.removeAll(fixture.bank.home.stateFile)
        }
    }
}
