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

    @Test func aPortThatNobodyGaveIsAnyPort() throws {
        #expect(try parameters("host=a,b").hostIndex(host: "b", port: "5432") == 1)
        #expect(try parameters("host=a,b").hostIndex(host: "b", port: "6000") == 1)
    }
}
