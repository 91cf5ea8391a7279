/// A whole bank on this machine: PostgreSQL, the balance-services and the bank-server, as processes
/// that outlive the command that started them.
public struct LocalBank: Sendable {
    public let home: BankHome
    private let executables: TierExecutables?
    /// Whom root's tiers run as; nil for root.
    let tierUserName: String?

    /// - Parameter executables: nil to look for them when they are needed.
    public init(home: BankHome = .standard(), executables: TierExecutables? = nil) {
        self.init(home: home, executables: executables, tierUserName: TierUser.name)
    }

    init(home: BankHome, executables: TierExecutables?, tierUserName: String?) {
        self.home = home
        self.executables = executables
        self.tierUserName = tierUserName
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
        let services = Files.names(in: home.logFolder).compactMap { name -> Part? in
            let prefix = "\(Tier.balanceService.rawValue)-"
            guard name.hasPrefix(prefix), name.hasSuffix(".log") else { return nil }
            return Int(name.dropFirst(prefix.count).dropLast(4))
                .map { Part(.balanceService, copy: $0) }
        }
        let parts =
            [Part(.postgreSQL)] + services.sorted { $0.copy < $1.copy } + [Part(.bankServer)]
        let files = parts.filter { tier == nil || $0.tier == tier }
            .map { (part: $0, path: home.logFile(of: $0)) }
            .filter { Files.exists($0.path) }
        guard !files.isEmpty else {
            throw LocalBankError(
                .notUp, "there are no logs in \(home.logFolder)",
                advice: "start the bank with 'teller up'")
        }
        return LogLines(files: files, follow: follow, lastLines: lastLines)
    }

    func tierExecutables() throws(LocalBankError) -> TierExecutables {
        if let executables { return executables }
        return try TierExecutables.find()
    }
}
