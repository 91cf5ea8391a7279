import ArgumentParser
import BalanceAPI
import BalanceTransport
import Chain
import Ledger
import Logging

/// The settings file, for all commands.
struct SettingsOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            A file with a NAME=VALUE in each line, of the variables' names; else \
            BALANCE_SERVICE_SETTINGS.
            """,
            valueName: "file"),
        completion: .file())
    var settings: String?

    func file() throws(SettingError) -> SettingsFile? {
        try SettingsFile(
            flag: settings, variable: "BALANCE_SERVICE_SETTINGS", names: ServiceSettings.names)
    }
}

/// This tier's certificate, for the commands that use hop 2.
struct CertificatesOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The folder of this tier's certificate: tls.crt, tls.key, ca.crt; or none, where both ends of \
            hop 2 are on this machine. Else BALANCE_SERVICE_CERTIFICATES.
            """,
            valueName: "folder"),
        completion: .directory)
    var certificates: String?

    /// - Parameter address: Where the service listens.
    func tls(
        at address: HostAndPort, _ file: SettingsFile?, logger: Logger
    ) throws -> TierTLS? {
        let security = try ServiceSettings.certificates.value(flag: certificates, file: file)
        return try HopSecurity.tls(security, at: [address], logger: logger)
    }
}

/// The settings that come from a flag, the environment or the settings file.
enum ServiceSettings {
    static let listen = Setting(
        "--listen", "BALANCE_SERVICE_LISTEN",
        default: HostAndPort(host: "127.0.0.1", port: 50051),
        expected: "host:port, as 127.0.0.1:50051, or unix:/path"
    ) { HostAndPort(orUnixSocket: $0) }

    static let certificates = HopSecurity.setting("BALANCE_SERVICE_CERTIFICATES")

    static let bank = Setting(
        "--bank", "BALANCE_SERVICE_BANK", default: "DEMO",
        expected: "four capital letters, as DEMO"
    ) { (try? AccountNumber(bank: $0, number: 0))?.bank }

    static let connections = Setting.count(
        "--connections", "BALANCE_SERVICE_CONNECTIONS", default: 8, in: 1...100)

    static let batchesInFlight = Setting.count(
        "--batches-in-flight", "BALANCE_SERVICE_BATCHES_IN_FLIGHT", default: 2, in: 1...100)

    static let postingBatchesInFlight = Setting.count(
        "--posting-batches-in-flight", "BALANCE_SERVICE_POSTING_BATCHES_IN_FLIGHT", default: 2,
        in: 1...100)

    static let transfersPerBatch = Setting.count(
        "--transfers-per-batch", "BALANCE_SERVICE_TRANSFERS_PER_BATCH",
        default: TransferPoster.limits.batch, in: 1...BalanceLimits.transfers)

    static let readyFile = Setting.readyFile("BALANCE_SERVICE_READY_FILE")

    /// - Parameter level: The default.
    static func logLevel(_ level: Logger.Level) -> Setting<Logger.Level> {
        Setting(
            "--log-level", "LOG_LEVEL", default: level,
            expected: "trace, debug, info, notice, warning, error or critical"
        ) { Logger.Level(rawValue: $0) }
    }

    static let database = Setting(
        "--database", "DATABASE_URL", default: "postgresql:///teller",
        expected: "a libpq URI or key=value pairs", isSecret: true
    ) { $0.isEmpty ? "postgresql:///teller" : $0 }

    static let databaseRole = Setting<String?>(
        "--database-role", "DATABASE_ROLE", default: nil, expected: "a role"
    ) { .some($0.isEmpty ? nil : $0) }

    static let identityDatabase = Setting<String?>(
        nil, "IDENTITY_DATABASE_URL", default: nil,
        expected: "a libpq URI or key=value pairs", isSecret: true
    ) { .some($0.isEmpty ? nil : $0) }

    static let identityPassword = Setting<String?>(
        nil, "TELLER_IDENTITY_PASSWORD", default: nil, expected: "a password", isSecret: true
    ) { .some($0) }

    static let demoPassword = Setting<String?>(
        nil, "DEMO_PASSWORD", default: nil, expected: "a password", isSecret: true
    ) { .some($0) }

    static let appPassword = Setting<String?>(
        nil, "TELLER_APP_PASSWORD", default: nil, expected: "a password", isSecret: true
    ) { .some($0) }

    /// The names that a settings file may set: one file does for all commands.
    static let names = [
        listen.names, certificates.names, bank.names, logLevel(.info).names, database.names,
        databaseRole.names,
        identityDatabase.names, appPassword.names, identityPassword.names, demoPassword.names,
        connections.names, batchesInFlight.names, postingBatchesInFlight.names,
        transfersPerBatch.names, readyFile.names,
    ].flatMap(\.self)
}
