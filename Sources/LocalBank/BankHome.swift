/// The folder in which a local bank keeps its data, logs and state.
///
/// ```
/// postgres/data     PostgreSQL's data folder
/// run/              the tiers' ready files and sockets in run/tiers, PostgreSQL's in run/postgresql
/// certificates/     a folder for each tier, made anew at each start
/// logs/*.log        one for each process
/// demo-users        the names and passwords of the demo data's people, mode 0600
/// state.json        what is running, mode 0600
/// .teller-purged/   what a `down --purge` has yet to delete
/// lock              held while `up` or `down` is at work
/// ```
public struct BankHome: Sendable, Equatable {
    public let path: String

    /// - Parameter path: made absolute by the current folder.
    public init(path: String) {
        var path = Host.absolute(path)
        while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") {
            path.unicodeScalars.removeLast()
        }
        self.path = path
    }

    /// The home of the user that runs this process.
    ///
    /// `TELLER_HOME`; else for root /var/lib/teller, because PostgreSQL then runs as another user,
    /// who cannot reach root's own folders; else the XDG Base Directory Specification's state
    /// folder.
    public static func standard() -> BankHome {
        if let path = Host.variable("TELLER_HOME") { return BankHome(path: path) }
        if Host.isRoot { return BankHome(path: "/var/lib/teller") }
        if let state = Host.variable("XDG_STATE_HOME"), state.isAbsolutePath {
            return BankHome(path: "\(state)/teller")
        }
        return BankHome(path: "\(Host.variable("HOME") ?? "/tmp")/.local/state/teller")
    }

    /// Whether there is a data folder, or the rest of one.
    public var hasData: Bool { Files.exists(postgresFolder) || hasPurged }

    var postgresFolder: String { "\(path)/postgres" }
    var dataFolder: String { "\(postgresFolder)/data" }
    var runFolder: String { "\(path)/run" }
    var logFolder: String { "\(path)/logs" }
    public var demoUsersFile: String { "\(path)/demo-users" }
    var certificateFolder: String { "\(path)/certificates" }
    var stateFile: String { "\(path)/state.json" }
    var lockFile: String { "\(path)/lock" }

    func logFile(of part: Part) -> String { "\(logFolder)/\(part.label).log" }
    func certificates(of tier: Tier) -> String { "\(certificateFolder)/\(tier.rawValue)" }
    /// The tiers' own: their ready files, and the sockets of hop 2, which only their user can reach.
    var tierFolder: String { "\(runFolder)/tiers" }
    func readyFile(of part: Part) -> String { "\(tierFolder)/\(part.label).ready" }
    /// What a purge has put aside and not yet deleted. Its name is nobody else's.
    var purgedFolder: String { "\(path)/.teller-purged" }
    /// Another user's is not ours to delete.
    var hasPurged: Bool { Folders.isPrivate(purgedFolder, owner: .current) }

    /// Makes the folders that this user's processes write to.
    ///
    /// For root they can be passed through by others, and no more: PostgreSQL's user has its own
    /// folders below. For anyone else they are closed.
    func makeFolders() throws(LocalBankError) {
        // These would need quoting in PostgreSQL's settings, or in a libpq URL's host.
        if let bad = path.unicodeScalars.first(where: "\"'`$\\,\n".unicodeScalars.contains) {
            throw LocalBankError(
                .homeUnusable,
                "the folder \(path) has \(Character(bad).debugDescription) in its name",
                advice: "set TELLER_HOME to a folder with a plain name")
        }
        for folder in [path, runFolder, logFolder] {
            try writing(folder) {
                try Folders.make(folder, mode: Host.isRoot ? 0o711 : 0o700)
            }
        }
    }

    /// Runs what writes to a place in the home, and says where that cannot be done.
    func writing<Value>(
        _ path: String, _ body: () throws -> Value
    ) throws(LocalBankError) -> Value {
        do { return try body() } catch { throw unusable(path, error) }
    }

    func unusable(_ path: String, _ failure: any Error) -> LocalBankError {
        LocalBankError(
            .homeUnusable, "cannot write to \(path): \(failure)",
            advice: "set TELLER_HOME to a folder that you can write to")
    }

    /// A socket's path has to fit into sockaddr_un: 108 bytes on Linux, 104 on macOS, with its
    /// closing zero. Where the home's own is too long, a private folder in /tmp takes its place.
    func socketFolder(_ folder: String, longestName: String, _ userID: UInt32) -> String {
        if "\(folder)/\(longestName)".utf8.count < 104 { return folder }
        // FNV-1a: the same home has the same folder each time.
        let hash = path.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return "/tmp/teller-\(userID)-\(String(hash, radix: 16))"
    }

    /// The folder of hop 2's sockets.
    func socketFolder(for user: SystemUser?) -> String {
        socketFolder(tierFolder, longestName: "99.sock", (user ?? .current).userID)
    }
}
