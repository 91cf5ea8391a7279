import Testing

@testable import Postgres

struct ConnectionParametersTests {
    private func parameters(
        _ connectionString: String, environment: [String: String] = [:]
    ) throws -> ConnectionParameters {
        try ConnectionParameters(
            PostgresConfiguration(connectionString: connectionString),
            environment: { environment[$0] })
    }

    @Test func hostsOfTheEnvironment() throws {
        let environment = ["PGHOST": "a,b,c", "PGPORT": "1,2,3"]
        let all = try parameters("user=u", environment: environment)
        #expect(all.hostCount == 3)
        #expect(all.hostIndex(host: "b", port: "2") == 1)
        #expect(all.hostIndex(host: "b", port: "3") == nil)
        let rest = all.droppingHosts(2)
        #expect(rest.hostCount == 1)
        #expect(rest.hostIndex(host: "c", port: "3") == 0)
        let given = try parameters("host=d,e", environment: ["PGHOST": "a", "PGPORT": "6000"])
        #expect(given.hostIndex(host: "e", port: "6000") == 1)
        #expect(given.hostIndex(host: "a", port: "6000") == nil)
    }

    /// Byte for byte, as libpq reads them.
    @Test func textIsCutAtBytes() throws {
        var configuration = PostgresConfiguration(connectionString: "host=a,\u{301}b,c port=1,2,3")
        configuration.settings["x"] = "one \u{301}two \\\u{301}three"
        let parameters = try ConnectionParameters(configuration, environment: { _ in nil })
        #expect(parameters.hostCount == 3)
        #expect(parameters.hostIndex(host: "\u{301}b", port: "2") == 1)
        let options = parameters.keywords.first { $0.name == "options" }?.value
        #expect(options == "-c x=one\\ \u{301}two\\ \\\\\u{301}three")
        for text in [
            "postgresql://\u{301}ann:s3/cret@x@\u{301}db/bank", "\u{301}s3cret \u{301}",
            "x='\u{301}s3cret",
        ] {
            let error = #expect(throws: PostgresError.self) { try self.parameters(text) }
            #expect(error.map { !"\($0.debugDescription)".contains("cret") } == true, "\(text)")
        }
    }

    /// Only a PostgreSQL on this machine is taken for what it says that it is, such as a test's in a
    /// container.
    @Test func whoIsElsewhereShowsACertificate() throws {
        let remote = "postgresql://u@db.example/bank"
        let cases: [(text: String, environment: [String: String], mode: String?, weaker: String?)] =
            [
                (remote, [:], "verify-full", nil),
                ("\(remote)?sslmode=require", [:], "require", "require"),
                ("\(remote)?sslmode=disable", ["PGSSLMODE": "require"], "disable", "disable"),
                (remote, ["PGSSLMODE": "prefer"], "prefer", "prefer"),
                ("user=u", ["PGHOST": "db.example"], "verify-full", nil),
                ("host=localhost,db.example", [:], "verify-full", nil),
                ("host=localhost hostaddr=192.0.2.1", [:], "verify-full", nil),
                ("host=db.example hostaddr=127.0.0.1", [:], nil, nil),
                ("host=127.example", [:], "verify-full", nil),
                ("postgresql://postgres:test@127.0.0.1:54329/postgres", [:], nil, nil),
                ("postgresql://u@[::1]/bank?sslmode=prefer", [:], "prefer", nil),
                ("host=/run/postgresql,@abstract", [:], nil, nil), ("user=u", [:], nil, nil),
                ("service=bank", ["PGHOST": "db.example"], nil, nil),
            ]
        for (text, environment, mode, weaker) in cases {
            let parameters = try parameters(text, environment: environment)
            #expect(parameters.keywords.first { $0.name == "sslmode" }?.value == mode, "\(text)")
            #expect(parameters.weakerMode == weaker, "\(text)")
        }
    }

    @Test func aPortThatNobodyGaveIsAnyPort() throws {
        #expect(try parameters("host=a,b").hostIndex(host: "b", port: "5432") == 1)
        #expect(try parameters("host=a,b").hostIndex(host: "b", port: "6000") == 1)
    }
}
