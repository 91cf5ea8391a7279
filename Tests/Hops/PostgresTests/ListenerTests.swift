import Logging
import Postgres
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ListenerTests {
    private final class Heard: Sendable {
        private let list = Mutex<[[String]?]>([])

        var all: [[String]?] { list.withLock { $0 } }
        var times: Int { all.count }

        func note(_ said: [String]?) { list.withLock { $0.append(said) } }
    }

    private static let listeners =
        "FROM pg_stat_activity WHERE application_name = 'listener of a test'"

    @Test func hearsWhatIsSaidAndListensAgain() async throws {
        let url = try await TestPostgres.url
        let heard = Heard()
        let configuration = PostgresConfiguration(
            connectionString: url, applicationName: "listener of a test")
        let listener = PostgresListener(
            configuration: configuration, channel: "something", logger: .silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run { heard.note($0) } }
            #expect(try await eventually { heard.times == 1 })
            try await TestPostgres.psql(url, "NOTIFY something_else; NOTIFY something")
            #expect(try await eventually { heard.times == 2 })
            try await TestPostgres.psql(url, "SELECT pg_terminate_backend(pid) \(Self.listeners)")
            #expect(try await eventually { heard.times == 3 })
            try await TestPostgres.psql(url, "NOTIFY something, 'with a payload'")
            #expect(try await eventually { heard.times == 4 })
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(
            try await eventually {
                try await TestPostgres.psql(url, "SELECT count(*) \(Self.listeners)") == "0"
            })
        #expect(heard.all == [nil, [""], nil, ["with a payload"]])
    }

    /// As one behind a network that is cut: no end of the connection tells.
    @Test func leavesAServerThatHasFallenSilent() async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        let heard = Heard()
        let listener = PostgresListener(
            configuration: PostgresConfiguration(
                connectionString: server.url(), applicationName: "listener of a test"),
            channel: "something", patience: .milliseconds(500), logger: .silent)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run { heard.note($0) } }
            #expect(try await eventually { heard.times == 1 })
            let pid = try await TestPostgres.psql(server.url(), "SELECT pid \(Self.listeners)")
            try await runCommand(["kill", "-s", "STOP", pid])
            #expect(try await eventually { heard.times == 2 })
            try await runCommand(["kill", "-s", "CONT", pid])
            group.cancelAll()
        }
    }
}
