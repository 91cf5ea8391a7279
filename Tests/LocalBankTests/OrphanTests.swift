import Testing

@testable import LocalBank

/// What an `up` that was killed leaves: processes that it had started and not noted.
@Suite struct OrphanTests {
    private func forget(_ parts: [Part], of fixture: Fixture) throws {
        var state = try fixture.state()
        for part in parts { state[part] = nil }
        try state.save(fixture.bank.home)
    }

    private func identities(_ bank: RunningBank) -> [ProcessIdentity] {
        bank.processes.map(\.identity)
    }

    @Test(arguments: [true, false]) func downEndsThem(hasState: Bool) async throws {
        try await Fixture.with { fixture in
            let orphans = identities(try await fixture.up(fixture.external))
            defer { for orphan in orphans { orphan.signal(.SIGKILL) } }
            if hasState {
                try forget([Part(.bankServer), Part(.balanceService)], of: fixture)
            } else {
                try Folders.removeAll(fixture.bank.home.stateFile)
            }
            let stopped = try await fixture.bank.down()
            #expect(stopped.map(\.part) == [Part(.bankServer), Part(.balanceService)])
            #expect(stopped.allSatisfy { $0.stop == .drained })
            for orphan in orphans { #expect(!orphan.isAlive) }
        }
    }

    @Test func upTakesThemOver() async throws {
        try await Fixture.with { fixture in
            let first = try await fixture.up(fixture.external)
            let orphans = identities(first)
            defer { for orphan in orphans { orphan.signal(.SIGKILL) } }
            try forget([Part(.bankServer), Part(.balanceService)], of: fixture)
            try await fixture.waitForStates([.ready, .ready])
            let second = try await fixture.up(fixture.external)
            #expect(identities(second) == orphans)
            #expect(second.processes.map(\.address) == first.processes.map(\.address))
        }
    }

    @Test func withoutAStateUpSaysHowToEndThem() async throws {
        try await Fixture.with { fixture in
            let orphans = identities(try await fixture.up(fixture.external))
            defer { for orphan in orphans { orphan.signal(.SIGKILL) } }
            try Folders.removeAll(fixture.bank.home.stateFile)
            let error = try #require(await fixture.failure(fixture.external))
            #expect(error.code == .stillRunning)
            #expect(error.advice.contains("teller down"))
        }
    }

    /// Another home's processes, and a program that only speaks of the file, are nobody's orphans.
    @Test func othersAreLeftAlone() async throws {
        try await Fixture.with { other in
            let theirs = identities(try await other.up(other.external))
            try await Fixture.with { fixture in
                try fixture.bank.home.makeFolders()
                let reader = try Command(
                    program: "/bin/sh",
                    arguments: [
                        "-c", "exec sleep 600", fixture.bank.home.readyFile(of: Part(.bankServer)),
                    ], variables: ["PATH": "/usr/bin:/bin"]
                ).spawn(log: "\(fixture.folder)/log")
                defer { reader.signal(.SIGKILL) }
                #expect(try await fixture.bank.down().isEmpty)
                #expect(reader.isAlive)
            }
            for process in theirs { #expect(process.isAlive) }
        }
    }
}
