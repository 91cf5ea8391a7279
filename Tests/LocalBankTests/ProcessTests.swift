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
        try Spawner(
            executable: "/bin/sh", arguments: ["-c", "trap '' HUP; echo up; exec sleep 600"],
            environment: ["PATH": "/usr/bin:/bin"], logPath: "\(fixture.folder)/sleeper.log"
        ).spawn()
    }

    @Test func recycledNumberIsNotSignalled() async throws {
        try await Fixture.with { fixture in
            let innocent = try sleeper(fixture)
            defer { innocent.signal(SIGKILL) }
            _ = try await fixture.up(fixture.external)
            // As if the bank-server had died and its number had gone to another process.
            var state = try fixture.state()
            let server = try #require(state[Part(.bankServer)])
            #expect(try await server.terminate() == .drained)
            var recycled = innocent
            recycled.startTime -= 1
            state[Part(.bankServer)]?.identity = recycled
            try state.save(fixture.bank.home)

            #expect(try await fixture.bank.status().map(\.state) == [.ready, .dead])
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
            defer { child.signal(SIGKILL) }
            #expect(getsid(child.pid) == child.pid)
            #if os(Linux)
            try await eventually("the command runs") {
                Files.readText("/proc/\(child.pid)/comm") == "sleep\n"
            }
            #expect(Files.names(in: "/proc/\(child.pid)/fd").sorted() == ["0", "1", "2"])
            #endif
            #expect(LogTail.lines("\(fixture.folder)/sleeper.log", count: 5) == ["up"])
        }
    }

    @Test func exitedChildIsNotAlive() async throws {
        try await Fixture.with { fixture in
            let child = try Spawner(
                executable: "/bin/sh", arguments: ["-c", "exit 7"], environment: [:],
                logPath: "\(fixture.folder)/log"
            ).spawn()
            var exit: ChildExit?
            try await eventually("it has ended") {
                exit = ChildExit(reaping: child.pid)
                return exit != nil
            }
            #expect(exit == .exited(7))
            #expect(!child.isAlive)
        }
    }

    @Test func commandThatDoesNotEndIsEnded() async throws {
        let command = Command(
            executable: "/bin/sh", arguments: ["-c", "sleep 600"],
            environment: ["PATH": "/usr/bin:/bin"], timeout: .milliseconds(200))
        let error = await #expect(throws: LocalBankError.self) { try await command.run() }
        #expect(error?.code == .commandFailed)
    }
}
