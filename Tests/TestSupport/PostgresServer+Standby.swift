extension PostgresServer {
    /// Makes COMMIT wait for a standby, once one is there; or no longer.
    public nonisolated func setSynchronous(_ isSynchronous: Bool) async throws {
        let names = isSynchronous ? "*" : ""
        try await TestPostgres.psql(
            url(), "ALTER SYSTEM SET synchronous_standby_names = '\(names)'")
        try await TestPostgres.psql(url(), "SELECT pg_reload_conf()")
        let state = isSynchronous ? "sync" : "async"
        for _ in 0..<600 {
            let states = try await TestPostgres.psql(
                url(), "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'")
            if states == state { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw StandbyMissing()
    }

    /// Makes the standby a server of its own.
    public func promote() async throws {
        try await control(["-w", "-t", "60", "promote"])
    }
}

/// The standby did not come to stream.
struct StandbyMissing: Error {}
