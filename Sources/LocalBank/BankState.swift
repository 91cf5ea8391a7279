#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What `state.json` says of the bank that is running.
struct BankState: Codable, Sendable, Equatable {
    struct Process: Codable, Sendable, Equatable {
        var part: Part
        var identity: ProcessIdentity
        /// `host:port`, or the folder of PostgreSQL's socket. Nil until the process has said it.
        var address: String?
        var logPath: String
        /// Seconds since 1970.
        var startedAtSeconds: Int
    }

    /// The file's format; one that this version does not know is refused.
    var version = 1
    /// The database's address without its password, or nil for the private PostgreSQL.
    var externalDatabase: String?
    var copies = 1
    /// As asked for: 0 is any free one.
    var port = 8080
    var migrated = false
    /// Nil where the tiers run as the user of `teller up`: also in a state of an earlier version.
    var tierUser: ProcessUser?
    var processes: [Process] = []

    subscript(part: Part) -> Process? {
        get { processes.first { $0.part == part } }
        set {
            processes.removeAll { $0.part == part }
            if let newValue { processes.append(newValue) }
        }
    }

    func isRunning(_ part: Part) -> Bool { self[part]?.identity.isAlive == true }

    /// Where the copies of a tier listen, in their order.
    func addresses(of tier: Tier) -> [String] {
        processes.filter { $0.part.tier == tier }.sorted { $0.part.copy < $1.part.copy }
            .compactMap(\.address)
    }

    /// The port that the bank-server has or had: the callers know it.
    var serverPort: Int {
        let known = self[Part(.bankServer)]?.address?.split(separator: ":").last
        return known.flatMap { Int($0) } ?? port
    }

    static func load(_ home: BankHome) throws(LocalBankError) -> BankState? {
        guard let bytes = Files.bytes(of: home.stateFile) else {
            guard Files.exists(home.stateFile) else { return nil }
            throw unreadable(home, "no permission")
        }
        guard let state = try? JSONDecoder().decode(BankState.self, from: Data(bytes)) else {
            throw unreadable(home, "it is not a state of teller")
        }
        guard state.version == 1 else {
            throw unreadable(home, "format \(state.version) is of another version of teller")
        }
        return state
    }

    func save(_ home: BankHome) throws(LocalBankError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        guard let data = try? encoder.encode(self) else {
            throw Self.unreadable(home, "it cannot be encoded")
        }
        try home.writing(home.stateFile) {
            try Files.replace(home.stateFile, with: Array(data))
        }
    }

    private static func unreadable(_ home: BankHome, _ why: String) -> LocalBankError {
        LocalBankError(
            .stateUnreadable, "cannot read \(home.stateFile): \(why)",
            advice: "delete it: 'teller down' finds what runs without it")
    }
}
