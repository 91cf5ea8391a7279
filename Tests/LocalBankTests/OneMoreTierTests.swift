import Testing

@testable import LocalBank

/// What a tier more takes: an entry in the list.
@Suite struct OneMoreTierTests {
    private static let part = Part(Tier(rawValue: "file-server"))

    @Test func isStartedWatchedFoundAndEnded() async throws {
        try await Fixture.with { fixture in
            let bank = fixture.bank
            try fixture.standIns.link(Self.part.tier.rawValue)
            let list =
                bank.allProcesses + [
                    bank.server(Self.part) { _ in ["--listen", "127.0.0.1:0"] }
                ]
            try bank.home.makeFolders()
            try Folders.make(bank.home.tierFolder, mode: 0o700)

            var supervisor = Supervisor(bank.home, list)
            try await supervisor.start(Self.part.tier)
            let process = try #require(supervisor.state[Self.part])
            defer { process.identity.signal(.SIGKILL) }
            #expect(process.address?.hasPrefix("127.0.0.1:") == true)
            #expect(try fixture.state()[Self.part] == process)
            let description = try #require(list.last)
            #expect(try await supervisor.status(of: description).state == .ready)

            // Whoever started it was killed before it had noted that.
            try Folders.removeAll(bank.home.stateFile)
            let orphans = try await Supervisor(bank.home, list).running()
            #expect(orphans.map(\.identity) == [process.identity])
            let stopped = try await Supervisor(bank.home, list).end(orphans)
            #expect(stopped.map(\.part) == [Self.part])
            #expect(stopped.map(\.stop) == [.drained])
            #expect(fixture.standIns.events == ["start file-server", "stop file-server"])
        }
    }
}
