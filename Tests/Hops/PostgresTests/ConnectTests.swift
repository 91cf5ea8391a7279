import TestSupport
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(1)))
struct ConnectTests {
    private func connectError(
        _ connectionString: String, timeout: Duration = .seconds(10)
    ) async -> PostgresError? {
        var configuration = PostgresConfiguration(connectionString: connectionString)
        configuration.connectTimeout = timeout
        return await failure {
            try await PostgresConnection.withConnection(configuration, logger: .silent) { _ in }
        }
    }

    @Test func nobodyListens() async throws {
        let error = await connectError("postgresql://u:secret@127.0.0.1:\(freePort())/d")
        #expect(error?.code == .connectionRefused)
        #expect(error?.isSafeToRetry == true)
    }

    @Test func noSuchHost() async throws {
        let error = await connectError("postgresql://u@no-such-host.invalid/d")
        #expect(error?.code == .connectionRefused)
    }

    @Test func wrongPasswordIsNeverShown() async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        let url = server.url().replacing(PostgresServer.password, with: "hunter2")
        let error = try #require(await connectError(url))
        #expect(error.code == .authenticationFailed)
        #expect(error.sqlState == "28P01")
        let none = await connectError(
            "postgresql://postgres@127.0.0.1:\(server.port)/?passfile=/none")
        #expect(none?.code == .authenticationFailed)
        let configuration = PostgresConfiguration(connectionString: url)
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(error, to: &dumped)
        let texts = [
            "\(error)", error.debugDescription, "\(configuration)",
            String(reflecting: configuration),
            dumped,
        ]
        #expect(texts.allSatisfy { !$0.contains("hunter2") })
    }

    @Test(arguments: [
        "postgresql://u:hunter2@[::1/d", "host=a password=hunter2 hunter2", "hunter2",
        "postgresql://u:%zzhunter2@h/d", "password='hunter2", "host=x hunter2=1",
        "postgresql://u:p@hunter2@localhost/d", "postgresql://u:hunter2/p@localhost/d",
        "postgresql://u:1,hunter2/p@localhost/d",
    ])
    func malformedStringsAreNotRepeated(_ connectionString: String) async throws {
        let error = try #require(await connectError(connectionString))
        #expect(error.code == .configuration)
        #expect(!error.debugDescription.contains("hunter2"))
    }

    @Test func noSuchDatabase() async throws {
        let url = try await TestPostgres.freshDatabase("gone")
        let error = await connectError(url.replacing("/gone_", with: "/never_"))
        #expect(error?.code == .server)
        #expect(error?.sqlState == "3D000")
        #expect(error?.isConnectFailure == true)
        #expect(error?.isTransient == true)
    }

    @Test(arguments: [
        "host=127.0.0.1 sslmode=bogus", "host=127.0.0.1 port=99999", "host=a,b,c port=1,2",
        "host=127.0.0.1 target_session_attrs=bogus",
    ])
    func parametersThatLibPQRefuses(_ connectionString: String) async throws {
        let error = await connectError("user=u " + connectionString)
        #expect(error?.code == .configuration)
    }

    @Test func aMissingSocketIsNoMistakeInTheConfiguration() async throws {
        #expect(await connectError("user=u host=/nonexistent")?.code == .connectionRefused)
    }

    @Test func aPeerThatNeverAnswers() async throws {
        let silent = try #require(SilentListener())
        var error: PostgresError?
        let took = await ContinuousClock().measure {
            error = await connectError(
                "postgresql://u@127.0.0.1:\(silent.port)/d", timeout: .milliseconds(200))
        }
        #expect(error?.code == .connectTimeout)
        #expect(took >= .milliseconds(200))
        #expect(took < .seconds(30))
    }

    @Test func severalHosts() async throws {
        let silent = try #require(SilentListener())
        let server = try await PostgresServer.start()
        defer { server.stop() }
        let (refused, good) = (freePort(), server.port)
        func string(_ attributes: String) -> String {
            """
            host=127.0.0.1,127.0.0.1,127.0.0.1 port=\(refused),\(silent.port),\(good) \
            user=postgres password=\(PostgresServer.password) target_session_attrs=\(attributes)
            """
        }
        var configuration = PostgresConfiguration(connectionString: string("read-write"))
        configuration.connectTimeout = .seconds(3)
        let rows = try await PostgresConnection.withConnection(configuration, logger: .silent) {
            try await $0.query("SELECT current_setting('port')::int4")
        }
        #expect(try rows[0].decode(Int32.self, at: 0) == Int32(good))
        let none = await connectError(string("standby"), timeout: .seconds(3))
        #expect(none?.code == .connectionRefused)
    }

    @Test func roleAndNameAreSet() async throws {
        let url = try await TestPostgres.freshDatabase("roles")
        let role = "test role \\ \(freePort())"
        try await TestPostgres.psql(url, "CREATE ROLE \"\(role)\"")
        let configuration = PostgresConfiguration(
            connectionString: url + "?options=-c%20work_mem%3D8MB", role: role,
            applicationName: "named")
        try await PostgresConnection.withConnection(configuration, logger: .silent) { connection in
            let rows = try await connection.query(
                """
                SELECT current_user, current_setting('work_mem'), current_setting('application_name'),
                       pg_backend_pid()
                """)
            let row = try rows[0].decode((String, String, String, Int32).self)
            #expect(row.0 == role)
            #expect(row.1 == "8MB")
            #expect(row.2 == "named")
            #expect(row.3 == connection.backendPID)
        }
        try await TestPostgres.psql(url, "DROP ROLE \"\(role)\"")
    }
}
