#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A user of the operating system that a command runs as.
struct SystemUser: Codable, Sendable, Equatable {
    let name: String
    let userID: uid_t
    let groupID: gid_t

    static var current: SystemUser {
        SystemUser(name: "", userID: geteuid(), groupID: getegid())
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

    /// Whether this user's tiers could run as that one.
    static func mayBeTier(_ user: uid_t) -> Bool {
        user == geteuid() || Host.isRoot && user == SystemUser(named: TierUser.name)?.userID
    }

    static let setpriv = "/usr/bin/setpriv"

    /// What goes before a command of root's that runs as this user, by way of util-linux's setpriv(1).
    ///
    /// Between fork and exec setgroups(3) waits for threads that the child does not have: with several
    /// threads it hung now and then.
    func change(_ options: [String] = []) -> [String] {
        [
            Self.setpriv, "--reuid", String(userID), "--regid", String(groupID), "--clear-groups",
            "--no-new-privs",
        ] + options + ["--"]
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

    private init(name: String, userID: uid_t, groupID: gid_t) {
        self.name = name
        self.userID = userID
        self.groupID = groupID
    }
}
