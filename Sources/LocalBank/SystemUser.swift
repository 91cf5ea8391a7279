#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A user of the operating system.
struct SystemUser: Codable, Sendable, Equatable {
    let name: String
    let userID: uid_t
    let groupID: gid_t

    static var current: SystemUser {
        SystemUser(name: "", userID: geteuid(), groupID: getegid())
    }

    private init(name: String, userID: uid_t, groupID: gid_t) {
        self.name = name
        self.userID = userID
        self.groupID = groupID
    }

    init?(named name: String) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            return nil
        }
        self.init(name: name, userID: entry.pw_uid, groupID: entry.pw_gid)
    }

    /// The user that PostgreSQL's processes run as.
    ///
    /// PostgreSQL refuses to run as root, so root hands it to the user that PostgreSQL's packages
    /// make for this.
    static func forPostgres() throws(LocalBankError) -> SystemUser {
        guard Host.isRoot else { return current }
        guard let user = SystemUser(named: "postgres") else {
            throw LocalBankError(
                .postgresMissing,
                "PostgreSQL does not run as root, and there is no user named postgres",
                advice: "install PostgreSQL (apt install postgresql), or run as another user")
        }
        return user
    }

    /// Whether this user's bank could have a process of that one.
    static func mayBeOfBank(_ user: uid_t) -> Bool {
        user == geteuid()
            || Host.isRoot
                && [ProcessUser.name, "postgres"].contains { SystemUser(named: $0)?.userID == user }
    }
}

/// Whom a process of root's bank runs as: somebody who can do little else.
struct ProcessUser: Codable, Sendable, Equatable {
    /// The tiers' user.
    static let name = "teller"
    static let setpriv = "/usr/bin/setpriv"

    var user: SystemUser
    /// The programs are in a folder that this user cannot reach, root's own for example: root opens
    /// them, and the user runs what is open. Some versions of setpriv(1) find them even so.
    var handsOver = false

    /// The command line that runs a program as this user, by way of util-linux's setpriv(1).
    ///
    /// Between fork and exec setgroups(3) waits for threads that the child does not have: with several
    /// threads it hung now and then.
    ///
    /// - Parameter privilegedPort: it may listen on a port below 1024, as root could.
    func words(_ program: String, _ arguments: [String], privilegedPort: Bool) -> [String] {
        guard user != .current else { return [program] + arguments }
        var change = [
            Self.setpriv, "--reuid", "\(user.userID)", "--regid", "\(user.groupID)",
            "--clear-groups", "--no-new-privs",
        ]
        if privilegedPort {
            change += ["--inh-caps", "+net_bind_service", "--ambient-caps", "+net_bind_service"]
        }
        // The current folder may be one that the other user cannot enter. And not $0 in its own words:
        // a path may have any character.
        let script = "cd / && \(handsOver ? "exec 3<\"$0\" && " : "")exec \"$@\""
        return ["/bin/sh", "-c", script, program] + change
            + ["--", handsOver ? "/proc/self/fd/3" : program] + arguments
    }

    /// Of root's variables only those that the tiers read: the others may be keys to what is root's.
    /// And not what they would say of the wrong user.
    func adapt(_ variables: inout Variables) {
        variables.keep(
            [
                "PATH", "LANG", "LANGUAGE", "TZ", "TZDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE",
                "SSL_CERT_DIR", "BALANCE_SERVICES", "LOG_LEVEL", "DEMO",
            ],
            prefixes: [
                "LC_", "PG", "DATABASE_", "IDENTITY_DATABASE_", "BALANCE_SERVICE_", "BANK_SERVER_",
                "TELLER_",
            ])
        for name in ["USER", "LOGNAME"] { variables[name] = user.name }
        variables["HOME"] = "/nonexistent"
    }
}
