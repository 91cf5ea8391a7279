import ArgumentParser
import BalanceAPI
import Chain
import Ledger
import Logging

/// `balance-service serve`: answers until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answer balances over gRPC until SIGTERM. The default.")

    @OptionGroup var settings: SettingsOption

    @Option(
        help: ArgumentHelp(
            """
            Where to listen: host:port, port 0 for any, or unix:/path. Else BALANCE_SERVICE_LISTEN. \
            (default: 127.0.0.1:50051)
            """,
            valueName: "address"))
    var listen: String?

    @OptionGroup var certificates: CertificatesOption

    @OptionGroup var database: DatabaseOptions

    @Option(help: "Connections to PostgreSQL for reading.")
    var connections = 8

    @Option(help: "Batches of reads that PostgreSQL works on at the same time.")
    var batchesInFlight = 2

    @Option(
        help: """
            Batches of transfers that PostgreSQL works on at the same time. Each has a connection of \
            its own; the expiry of holds, accounts, look-ups, people and health have eight more.
            """)
    var postingBatchesInFlight = 2

    @Option(help: "Transfers that one transaction takes.")
    var transfersPerBatch = TransferPoster.limits.batch

    @Option(
        help: ArgumentHelp(
            """
            The bank's four letters, for a database that has no accounts yet. Else \
            BALANCE_SERVICE_BANK. (default: DEMO)
            """,
            valueName: "letters"))
    var bank: String?

    @Option(help: "trace, debug, info, notice, warning or error. Else LOG_LEVEL. (default: info)")
    var logLevel: String?

    @Option(
        help: ArgumentHelp("Write the address there once it listens.", valueName: "path"),
        completion: .file())
    var readyFile: String?

    func validate() throws {
        guard (1...100).contains(connections), (1...connections).contains(batchesInFlight),
            (1...100).contains(postingBatchesInFlight),
            (1...BalanceLimits.transfers).contains(transfersPerBatch)
        else {
            throw ValidationError(
                """
                --connections takes 1 to 100, --batches-in-flight 1 to the connections, \
                --posting-batches-in-flight 1 to 100, \
                --transfers-per-batch 1 to \(BalanceLimits.transfers)
                """)
        }
    }

    func run() async throws {
        try await reportingFailure {
            let file = try settings.file()
            let address = try ServiceSettings.listen.value(flag: listen, file: file)
            ServerLog.bootstrap(
                level: try ServiceSettings.logLevel(.info).value(flag: logLevel, file: file))
            let tls = try certificates.tls(
                at: address, file, logger: Logger(label: "balance-service"))
            let app = BalanceServiceApp(
                address: address, database: try database.configuration(file),
                identityDatabase: try database.identityConfiguration(file),
                connections: connections, batchesInFlight: batchesInFlight,
                postingBatchesInFlight: postingBatchesInFlight,
                transfersPerBatch: transfersPerBatch,
                readyFile: readyFile.map { ReadyFile(path: $0) }, tls: tls,
                bank: try ServiceSettings.bank.value(flag: bank, file: file))
            try await app.run()
        }
    }
}
