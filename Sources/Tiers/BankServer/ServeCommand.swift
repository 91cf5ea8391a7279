import ArgumentParser
import Chain
import Logging

/// `bank-server serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve until SIGTERM or SIGINT.",
        discussion: """
            A flag overrides its environment variable, which overrides the line of the settings \
            file, which overrides the default.
            """)

    @OptionGroup var settings: SettingsOption

    @Option(help: "Where to listen; port 0: any. BANK_SERVER_LISTEN, 127.0.0.1:8080.")
    var listen: String?

    @Option(
        name: .customLong("balance-service"),
        help: "A balance service; repeat for several. BALANCE_SERVICES, 127.0.0.1:50051.")
    var balanceServices: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            The folder of this tier's certificate: tls.crt, tls.key, ca.crt; or none, where the balance \
            services are on this machine. BANK_SERVER_CERTIFICATES.
            """,
            valueName: "folder"),
        completion: .directory)
    var certificates: String?

    @OptionGroup var tls: TLSCertificateOption

    @Option(
        help: ArgumentHelp("The key of that certificate. BANK_SERVER_TLS_KEY.", valueName: "file"),
        completion: .file())
    var tlsKey: String?

    @Flag(
        help: """
            Speak plain HTTP where others can reach it, behind a proxy that ends TLS. \
            BANK_SERVER_PLAINTEXT.
            """)
    var plaintext = false

    @Option(
        name: .customLong("proxy"),
        help: ArgumentHelp(
            """
            A proxy in front: what it says in Forwarded is where a request comes from; repeat for \
            several. BANK_SERVER_PROXIES, none.
            """,
            valueName: "address"))
    var proxies: [String] = []

    @Option(
        name: .customLong("host-name"),
        help: "A name that callers use for it; repeat for several. BANK_SERVER_HOST_NAMES, none.")
    var hostNames: [String] = []

    @Option(help: "trace, debug, info, notice, warning or error. LOG_LEVEL, info.")
    var logLevel: String?

    @Option(help: "Requests at a time; past it 503. BANK_SERVER_MAX_IN_FLIGHT, 1000.")
    var maxInFlight: String?

    @Option(
        help: "Batches of reads at a time to each service. BANK_SERVER_BATCHES_IN_FLIGHT, 1.")
    var batchesInFlight: String?

    @Option(help: "Batches of transfers, as above. BANK_SERVER_WRITE_BATCHES_IN_FLIGHT, 2.")
    var writeBatchesInFlight: String?

    @Option(help: "Transfers in one batch. BANK_SERVER_TRANSFERS_PER_BATCH, 500.")
    var transfersPerBatch: String?

    @Option(help: "A file to write host:port to, once the server listens. BANK_SERVER_READY_FILE.")
    var readyFile: String?

    func run() async throws {
        try await reportingFailure {
            let configuration = try AppConfiguration(self)
            ServerLog.bootstrap(level: configuration.logLevel)
            try await runServer(configuration)
            ServerLog.flush()
        }
    }
}

/// What hop 1 shows its callers; its health is asked by that, too.
struct TLSCertificateOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Its certificate for https, of PEM, needed where others can reach it. "
                + "BANK_SERVER_TLS_CERTIFICATE.",
            valueName: "file"),
        completion: .file())
    var tlsCertificate: String?
}

/// The settings file, for the commands that read settings.
struct SettingsOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file with a NAME=VALUE in each line, of the variables' names. BANK_SERVER_SETTINGS.",
            valueName: "file"),
        completion: .file())
    var settings: String?

    func file() throws(SettingError) -> SettingsFile? {
        try SettingsFile(
            flag: settings, variable: "BANK_SERVER_SETTINGS", names: AppConfiguration.names)
    }
}

/// Runs a command's body; what it throws becomes a line on standard error and an exit code.
func reportingFailure(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch {
        let failure =
            TierFailure(error) ?? TierFailure("\(error)", .software)
        failure.report(by: "bank-server")
        throw ExitCode(failure.exitCode)
    }
}
