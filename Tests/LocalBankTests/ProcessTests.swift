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

@Suite struct ProcessTests {
    private func sleeper(_ fixture: Fixture) throws -> ProcessIdentity {
        try Command(
            program: "/bin/sh", arguments: ["-c", "trap '' HUP; echo up; exec sleep 600"],
            variables: ["PATH": "/usr/bin:/bin"]
        ).spawn(log: "\(fixture.folder)/sleeper.log")
    }

    @Test func recycledNumberIsNotSignalled() async throws {
        try await Fixture.with { fixture in
            let innocent = try sleeper(fixture)
            defer { innocent.signal(.SIGKILL) }
            _ = try await fixture.up(fixture.external)
            // As if the bank-server had died and its number had gone to another process.
            var state = try fixture.state()
            #expect(try await fixture.end(Part(.bankServer)) == .drained)
            var recycled = innocent
            recycled.startTime -= 1
            state[Part(.bankServer)]?.identity = recycled
            try state.save(fixture.bank.home)

            try await fixture.waitForStates([.ready, .dead])
            #expect(try await fixture.bank.down().map(\.stop) == [.wasDead, .drained])
            #expect(innocent.isAlive)
        }
    }

    @Test func spawnedServerIsOnItsOwn() async throws {
        try await Fixture.with { fixture in
            // A descriptor that a child would inherit, and an ignored signal.
            let pipe = open("/dev/null", O_RDONLY)
            defer { close(pipe) }
            let child = try sleeper(fixture)
            defer { child.signal(.SIGKILL) }
            #expect(child.leadsItsSession)
            #if os(Linux)
            try await eventually {
                Files.text(of: "/proc/\(child.pid)/comm") == "sleep\n"
            }
            #expect(Files.names(in: "/proc/\(child.pid)/fd").sorted() == ["0", "1", "2"])
            #endif
            #expect(LogFile("\(fixture.folder)/sleeper.log").lastLines(5) == ["up"])
        }
    }

    @Test func exitedChildIsNotAlive() async throws {
        try await Fixture.with { fixture in
            let child = try Command(program: "/bin/sh", arguments: ["-c", "exit 7"])
                .spawn(log: "\(fixture.folder)/log")
            var exit: ChildExit?
            try await eventually {
                exit = ChildExit(reaping: child.pid)
                return exit != nil
            }
            #expect(exit == .exited(7))
            #expect(!child.isAlive)
        }
    }

    @Test func commandThatDoesNotEndIsEnded() async throws {
        let command = Command(
            program: "/bin/sh", arguments: ["-c", "sleep 600"],
            variables: ["PATH": "/usr/bin:/bin"])
        let error = await #expect(throws: LocalBankError.self) {
            try await command.run(within: .milliseconds(200))
        }
        #expect(error?.code == .commandFailed)
    }
}
