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
    var copies: Int
    /// As asked for: 0 is any free one.
    var port: Int
    var migrated = false
    /// Nil where the tiers run as the user of `teller up`: also in a state of an earlier version.
    var tierUser: TierUser?
    var processes: [Process] = []

    subscript(part: Part) -> Process? {
        get { processes.first { $0.part == part } }
        set {
            processes.removeAll { $0.part == part }
            if let newValue { processes.append(newValue) }
        }
    }

    /// The parts of this bank in the order they start in.
    var parts: [Part] {
        let database = externalDatabase == nil ? [Part(.postgreSQL)] : []
        let services = (0..<max(copies, 0)).map { Part(.balanceService, copy: $0 + 1) }
        return database + services + [Part(.bankServer)]
    }

    static func load(_ home: BankHome) throws(LocalBankError) -> BankState? {
        guard let bytes = Files.read(home.stateFile) else {
            guard Files.exists(home.stateFile) else { return nil }
            throw unreadable(home, "no permission")
        }
        do {
            let state = try JSONDecoder().decode(BankState.self, from: Data(bytes))
            guard state.version == 1 else {
                throw unreadable(home, "format \(state.version) is of another version of teller")
            }
            return state
        } catch let error as LocalBankError {
            throw error
        } catch {
            throw unreadable(home, "it is not a state of teller")
        }
    }

    func save(_ home: BankHome) throws(LocalBankError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        guard let data = try? encoder.encode(self) else {
            throw Self.unreadable(home, "it cannot be encoded")
        }
        do throws(Files.Failure) {
            try Files.replace(home.stateFile, with: Array(data), mode: 0o600)
        } catch {
            throw home.unusable(home.stateFile, error)
        }
    }

    private static func unreadable(_ home: BankHome, _ why: String) -> LocalBankError {
        LocalBankError(
            .stateUnreadable, "cannot read \(home.stateFile): \(why)",
            advice: "delete it: 'teller down' finds what runs without it")
    }
}
