/// The folder in which a local bank keeps its data, logs and state.
///
/// ```
/// postgres/data     PostgreSQL's data folder
/// run/              ready files, and PostgreSQL's socket in run/postgresql
/// logs/*.log        one for each process
/// state.json        what is running, mode 0600
/// purged/           what a `down --purge` has yet to delete
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
    public var hasData: Bool { Files.exists(postgresFolder) || Files.exists(purgedFolder) }

    var postgresFolder: String { "\(path)/postgres" }
    public var dataFolder: String { "\(postgresFolder)/data" }
    var runFolder: String { "\(path)/run" }
    public var logFolder: String { "\(path)/logs" }
    var stateFile: String { "\(path)/state.json" }
    var lockFile: String { "\(path)/lock" }

    public func logFile(of part: Part) -> String { "\(logFolder)/\(part.label).log" }
    var migrationLog: String { "\(logFolder)/migrate.log" }
    func readyFile(of part: Part) -> String { "\(runFolder)/\(Self.readyFileName(of: part))" }
    static func readyFileName(of part: Part) -> String { "\(part.label).ready" }
    /// What a purge has put aside and not yet deleted.
    var purgedFolder: String { "\(path)/purged" }
    static func name(of path: String) -> String {
        String(Substring(path.utf8.dropFirst(Host.parent(of: path).utf8.count + 1)))
    }

    /// Makes the folders that this user's processes write to.
    ///
    /// For root they can be passed through by others, and no more: PostgreSQL's user has its own
    /// folders below. For anyone else they are closed.
    func makeFolders() throws(LocalBankError) {
        // These would need quoting in the shell line that pg_ctl makes, or in a libpq URL's host.
        if let bad = path.unicodeScalars.first(where: "\"'`$\\,\n".unicodeScalars.contains) {
            throw LocalBankError(
                .homeUnusable,
                "the folder \(path) has \(Character(bad).debugDescription) in its name",
                advice: "set TELLER_HOME to a folder with a plain name")
        }
        for folder in [path, runFolder, logFolder] {
            do throws(Files.Failure) {
                try Folders.make(folder, mode: Host.isRoot ? 0o711 : 0o700)
            } catch {
                throw unusable(folder, error)
            }
        }
    }

    func unusable(_ folder: String, _ failure: Files.Failure) -> LocalBankError {
        LocalBankError(
            .homeUnusable, "cannot write to \(folder): \(failure.message)",
            advice: "set TELLER_HOME to a folder that you can write to")
    }
}
