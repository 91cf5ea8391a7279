import Chain
import Foundation
import Synchronization
import TestSupport

/// Something that happens to a part of the chain, and is over when `strike` returns.
struct Fault: Sendable {
    let name: String
    /// - Parameter duration: how long it lasts.
    let strike: @Sendable (_ duration: Duration) async throws -> Void
}

/// A bank to test: where it is, and what can happen to it.
protocol BankUnderTest: Sendable {
    /// Of the bank server.
    var address: HostAndPort { get }
    /// For psql, as a superuser.
    var database: String { get }
    var faults: [Fault] { get }
    /// Whether each part of it is in use.
    func isWhole() async throws -> Bool
}

/// A tier's process that is killed and comes back at the same address.
final class RestartableTier: Sendable {
    private let starting: @Sendable (_ port: Int) async throws -> ChainHarness.Tier
    private let current: Mutex<ChainHarness.Tier>
    let address: HostAndPort

    init(
        _ starting: @escaping @Sendable (_ port: Int) async throws -> ChainHarness.Tier
    ) async throws {
        self.starting = starting
        let first = try await starting(0)
        current = Mutex(first)
        address = first.address
    }

    var process: ChildProcess { current.withLock { $0.process } }

    func kill(for duration: Duration) async throws {
        process.stop()
        try? await Task.sleep(for: duration)
        try await restart()
    }

    /// SIGSTOP, and SIGCONT later.
    func freeze(for duration: Duration) async throws {
        let process = process
        process.send(SIGSTOP)
        defer { process.send(SIGCONT) }
        try await Task.sleep(for: duration)
    }

    func stop() {
        process.stop()
    }

    /// Its port may for a moment be that of somebody's outgoing connection.
    private func restart() async throws {
        var tries = 0
        while true {
            do {
                let tier = try await starting(address.port)
                return current.withLock { $0 = tier }
            } catch {
                tries += 1
                if tries == 10 { throw error }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}

extension PostgresServer {
    /// The faults of PostgreSQL itself.
    nonisolated var faults: [Fault] {
        [
            Fault(name: "PostgreSQL: immediate stop") { duration in
                try await self.pause(mode: "immediate")
                try? await Task.sleep(for: duration)
                try await self.start()
            },
            Fault(name: "PostgreSQL: kill -9") { duration in
                try await self.kill()
                try? await Task.sleep(for: duration)
                try await self.start()
            },
            Fault(name: "PostgreSQL: SIGSTOP") { duration in
                try await self.signal("STOP")
                try? await Task.sleep(for: duration)
                try await self.signal("CONT")
            },
            Fault(name: "PostgreSQL: accounts locked") { try await self.lockAccounts(for: $0) },
            Fault(name: "PostgreSQL: statements cancelled") { duration in
                try await self.interrupt("pg_cancel_backend", for: duration)
            },
            Fault(name: "PostgreSQL: sessions terminated") { duration in
                try await self.interrupt("pg_terminate_backend", for: duration)
            },
        ]
    }

    /// Time passes for whoever posts, in the midst of it.
    private nonisolated func lockAccounts(for duration: Duration) async throws {
        try await TestPostgres.psql(
            url(),
            """
            BEGIN; LOCK TABLE teller.accounts IN EXCLUSIVE MODE;
            SELECT pg_sleep(\(duration / .seconds(1))); COMMIT
            """)
    }

    /// Does so to all sessions of the balance services, again and again.
    private nonisolated func interrupt(_ function: String, for duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            try await TestPostgres.psql(
                url(),
                """
                SELECT \(function)(pid) FROM pg_stat_activity
                WHERE application_name = 'balance-service'
                """)
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
