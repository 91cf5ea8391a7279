import TestSupport
import Testing

@testable import LocalBank

/// Starting and stopping the tiers, on a database that the stand-ins do not contact.
@Suite struct UpTests {
    @Test func startsEachPartAndStopsThemFrontToBack() async throws {
        try await Fixture.with { fixture in
            var options = fixture.external
            options.copies = 2
            let bank = try await fixture.up(options)
            #expect(bank.outcome == .started)
            #expect(
                bank.processes.map(\.part.label) == [
                    "balance-service-1", "balance-service-2", "bank-server",
                ])
            #expect(bank.database == "postgresql://ann@db.invalid/bank")
            #expect(try fixture.bank.presence() == .up(serverURL: bank.serverURL))
            try await fixture.waitForStates([.ready, .ready, .ready])
            let pids = try await fixture.bank.status().map(\.pid)
            #expect(pids == bank.processes.map(\.identity.pid))

            let stopped = try await fixture.bank.down()
            #expect(
                stopped.map(\.part) == [
                    Part(.bankServer), Part(.balanceService), Part(.balanceService, copy: 2),
                ])
            #expect(stopped.allSatisfy { $0.stop == .drained })
            #expect(
                fixture.standIns.events == [
                    "migrate", "start balance-service", "start balance-service",
                    "start bank-server", "stop bank-server", "stop balance-service",
                    "stop balance-service",
                ])
            #expect(try await fixture.bank.status().isEmpty)
            #expect(try fixture.bank.presence() == .down)
            #expect(try await fixture.bank.down().isEmpty)
            _ = try await fixture.bank.down(purge: true)
            #expect(try fixture.bank.presence() == .none)
        }
    }

    @Test func secondUpChangesNothing() async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.up(fixture.external)
            let second = try await fixture.up(UpOptions())
            #expect(second.outcome == .alreadyUp)
            #expect(second.processes == first.processes)

            var other = UpOptions(copies: 3)
            #expect(await fixture.failure(other)?.code == .upDifferently)
            other = UpOptions(databaseURL: "postgresql://db.invalid/other")
            #expect(await fixture.failure(other)?.code == .upDifferently)
            let pids = first.processes.map(\.identity.pid)
            #expect(try await fixture.bank.status().map(\.pid) == pids)
        }
    }

    @Test func startsAgainWhatWasKilled() async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.up(fixture.external)
            let service = try #require(fixture.state()[Part(.balanceService)])
            service.identity.signal(.SIGKILL)
            try await fixture.waitForStates([.dead, .ready])
            // Its password was not kept.
            #expect(await fixture.failure(UpOptions())?.code == .databaseNeeded)

            let second = try await fixture.up(fixture.external)
            #expect(second.outcome == .repaired([Part(.balanceService)]))
            #expect(second.processes.map(\.address) == first.processes.map(\.address))
            #expect(second.processes[0].identity != first.processes[0].identity)
            #expect(second.processes[1] == first.processes[1])
            #expect(fixture.standIns.events.filter { $0 == "migrate" }.count == 1)
        }
    }

    @Test func cancellationStopsWhatWasStarted() async throws {
        try await Fixture.with { fixture in
            try fixture.standIns.set(.unready, .bankServer)
            let starting = Task { try await fixture.up(fixture.external) }
            try await eventually {
                fixture.standIns.events.contains("start bank-server")
            }
            starting.cancel()
            await #expect(throws: CancellationError.self) { try await starting.value }
            #expect(
                fixture.steps.all.contains(
                    .rollingBack([Part(.bankServer), Part(.balanceService)])))
            #expect(fixture.standIns.events.suffix(1) == ["stop balance-service"])
            #expect(try BankState.load(fixture.bank.home) == nil)
        }
    }

    /// A purge that was ended in its middle: the next command finishes it.
    @Test(arguments: [true, false]) func anInterruptedPurgeIsFinished(byUp: Bool) async throws {
        try await Fixture.with { fixture in
            let home = fixture.bank.home
            try home.makeFolders()
            let rest = "\(home.purgedFolder)/postgres/data/base"
            try Folders.make(rest, mode: 0o700)
            if byUp {
                #expect(try await fixture.up(fixture.external).outcome == .started)
            } else {
                #expect(try await fixture.bank.down().isEmpty)
            }
            #expect(!Files.exists(home.purgedFolder))
        }
    }

    /// What somebody else has put into the home.
    @Test func onlyThePurgesOwnFolderIsDeleted() async throws {
        try await Fixture.with { fixture in
            let home = fixture.bank.home
            let file = "\(home.path)/purged/f"
            try Folders.make("\(home.path)/purged", mode: 0o700)
            try Files.replace(file, with: "")
            // Not one that a purge makes: others can enter it.
            try Folders.make(home.purgedFolder, mode: 0o755, owner: .current)
            #expect(try await fixture.bank.down().isEmpty)
            #expect(try await fixture.up(fixture.external).outcome == .started)
            let error = await #expect(throws: LocalBankError.self) {
                try await fixture.bank.down(purge: true)
            }
            #expect(error?.code == .homeUnusable)
            #expect(error?.message.contains(home.purgedFolder) == true)
            #expect(Files.exists(home.purgedFolder))
            try Folders.removeAll(home.purgedFolder)
            try await fixture.bank.down(purge: true)
            #expect(Files.exists(file))
        }
    }

    @Test func interruptedDownCanSayWhatIsLeft() async throws {
        try await Fixture.with { fixture in
            try fixture.standIns.set(.stubborn, .bankServer)
            _ = try await fixture.up(fixture.external)
            let stopping = Task { try await fixture.bank.down() }
            try await eventually {
                fixture.standIns.events.contains("stop bank-server")
            }
            stopping.cancel()
            await #expect(throws: CancellationError.self) { try await stopping.value }
            #expect(
                try await fixture.bank.runningParts() == [Part(.bankServer), Part(.balanceService)])
            let server = try #require(fixture.state()[Part(.bankServer)])
            server.identity.signal(.SIGKILL)
            try await eventually { !server.identity.isAlive }
            #expect(try await fixture.bank.down().map(\.stop) == [.wasDead, .drained])
            #expect(try await fixture.bank.runningParts().isEmpty)
        }
    }

    @Test func purgeSaysThatTheDatabaseElsewhereWasNotTouched() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.up(fixture.external)
            try await fixture.bank.down(purge: true) { [steps = fixture.steps] in steps.append($0) }
            let kept = "postgresql://ann@db.invalid/bank"
            #expect(fixture.steps.all.contains(.began(.purge(hadData: false, kept: kept))))
        }
    }

    @Test func onlyOneAtATime() async throws {
        try await Fixture.with { fixture in
            try fixture.bank.home.makeFolders()
            do {
                let lock = try BankLock(fixture.bank.home)
                defer { withExtendedLifetime(lock) {} }
                #expect(await fixture.failure(fixture.external)?.code == .locked)
            }
            #expect(fixture.standIns.events.isEmpty)
            _ = try await fixture.up(fixture.external)
        }
    }
}
