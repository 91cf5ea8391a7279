extension PostgresServer {
    /// Sends a signal to the server's first process and to all others of it.
    /// - Parameter signal: its name without SIG.
    public nonisolated func signal(_ signal: String) async throws {
        // One that ended in between is none to complain about.
        let script = """
            pid=$(head -n 1 "$1/data/postmaster.pid")
            kill -s "$2" $pid $(pgrep -P $pid) 2> /dev/null || true
            """
        try await runCommand(["sh", "-c", script, "sh", folder, signal])
    }

    /// Kills every process of the server at once, as a machine's end does to them. Its data stays.
    public nonisolated func kill() async throws {
        // Stopped before, none of them can act on the end of another.
        try await signal("STOP")
        try await signal("KILL")
        // Else it would not start while somebody has not yet noticed the end of the old one.
        let script = "rm -f \"$1/data/postmaster.pid\" \"$1\"/.s.PGSQL.*"
        try await runCommand(["sh", "-c", script, "sh", folder])
    }
}
