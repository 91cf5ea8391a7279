/// Where PostgreSQL is and how a connection to it is set up.
public struct PostgresConfiguration: Sendable {
    /// A connection string as libpq takes it: a URI (`postgresql://…`) or `keyword=value` pairs, with
    /// all of libpq's parameters: several hosts, `target_session_attrs`, `sslmode`, `passfile`, …. Where a
    /// host is not on this machine, `sslmode` is `verify-full` unless it is said.
    /// Secret: it may contain a password.
    public var connectionString: String

    /// The role to act as (`SET ROLE`) from the start; nil for the user that connects.
    public var role: String?

    /// Run-time parameters that the session starts with, by name, such as `plan_cache_mode`.
    public var settings: [String: String] = [:]

    /// What `pg_stat_activity` shows, unless the connection string says otherwise.
    public var applicationName: String

    /// How long to try each host, name look-up included. `connect_timeout` in the connection string
    /// goes first.
    var connectTimeout: Duration = .seconds(5)

    /// How long a cancelled statement may take to end before its connection is closed.
    var cancelTimeout: Duration = .seconds(1)

    /// How many prepared statements a connection keeps; the least recently used goes. At least 1.
    var preparedStatementLimit: Int = 256

    public init(
        connectionString: String, role: String? = nil, applicationName: String = "swift"
    ) {
        self.connectionString = connectionString
        self.role = role
        self.applicationName = applicationName
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Without the connection string, which may hold a password.
    public var description: String {
        "PostgresConfiguration(role: \(role ?? "none"), applicationName: \(applicationName))"
    }

    public var debugDescription: String { description }

    public var customMirror: Mirror {
        Mirror(self, children: ["role": role ?? "none", "applicationName": applicationName])
    }
}
