/// A whole bank on this machine: PostgreSQL, the balance-services and the bank-server, as processes
/// that outlive the command that started them.
public struct LocalBank: Sendable {
    public let home: BankHome
    /// Where the tiers' programs are looked for, in this order.
    let programFolders: [String]
    /// Whom root's tiers run as; nil for root.
    let tierUserName: String?

    /// The bank of this user. Programs are looked for next to the running one, where a build or an
    /// installation has put all of them, and then in PATH.
    public init() {
        let own = Host.executableFolder().map { [$0] } ?? []
        self.init(
            home: .standard(), programFolders: own + Host.searchPath,
            tierUserName: ProcessUser.name)
    }

    init(home: BankHome, programFolders: [String], tierUserName: String?) {
        self.home = home
        self.programFolders = programFolders
        self.tierUserName = tierUserName
    }

    /// - Throws: `LocalBankError.Code.executableMissing`.
    func program(of tier: Tier) throws(LocalBankError) -> String {
        let name = tier.rawValue
        let paths = programFolders.filter(\.isAbsolutePath).map { "\($0)/\(name)" }
        if let path = paths.first(where: Files.isExecutable) { return path }
        throw LocalBankError(
            .executableMissing,
            "cannot find the executable \(name), neither in \(programFolders.first ?? "/") nor in PATH",
            advice: "build it with: swift build --product \(name)")
    }

    /// The password that `up` made for one of the demo's people; nil for anybody else, and for who may not
    /// read it.
    public func demoPassword(of user: String) -> String? {
        for line in (Files.text(of: home.demoUsersFile) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.count == 2, words[0] == user { return words[1] }
        }
        return nil
    }

    /// The lines that the parts have logged, PostgreSQL's first.
    ///
    /// - Parameters:
    ///   - tier: nil for all of them.
    ///   - follow: goes on with the lines to come, until the task is cancelled.
    ///   - lastLines: starts that many lines before the end of each log; nil for its begin.
    /// - Throws: `LocalBankError.Code.notUp` when there is no log.
    public func logs(
        tier: Tier? = nil, follow: Bool = false, lastLines: Int? = nil
    ) throws(LocalBankError) -> LogLines {
        let files = allProcesses.map(\.part).filter { tier == nil || $0.tier == tier }
            .map { (part: $0, path: home.logFile(of: $0)) }
            .filter { Files.exists($0.path) }
        guard !files.isEmpty else {
            throw LocalBankError(
                .notUp, "there are no logs in \(home.logFolder)",
                advice: "start the bank with 'teller up'")
        }
        return LogLines(files: files, follow: follow, lastLines: lastLines)
    }
}
