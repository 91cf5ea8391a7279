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

    @Option(help: "Connections to PostgreSQL for reading. BALANCE_SERVICE_CONNECTIONS, 8.")
    var connections: String?

    @Option(
        help: """
            Batches of reads that PostgreSQL works on at the same time, at most the connections. \
            BALANCE_SERVICE_BATCHES_IN_FLIGHT, 2.
            """)
    var batchesInFlight: String?

    @Option(
        help: """
            Batches of transfers that PostgreSQL works on at the same time. Each has a connection of \
            its own; the expiry of holds, accounts, look-ups, people and health have eleven more. \
            BALANCE_SERVICE_POSTING_BATCHES_IN_FLIGHT, 2.
            """)
    var postingBatchesInFlight: String?

    @Option(help: "Transfers that one transaction takes. BALANCE_SERVICE_TRANSFERS_PER_BATCH, 500.")
    var transfersPerBatch: String?

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
        help: ArgumentHelp(
            "Write the address there once it listens. BALANCE_SERVICE_READY_FILE.",
            valueName: "path"),
        completion: .file())
    var readyFile: String?

    func run() async throws {
        try await reportingFailure {
            let file = try settings.file()
            let address = try ServiceSettings.listen.value(flag: listen, file: file)
            ServerLog.bootstrap(
                level: try ServiceSettings.logLevel(.info).value(flag: logLevel, file: file))
            let tls = try certificates.tls(
                at: address, file, logger: Logger(label: "balance-service"))
            let connections = try ServiceSettings.connections.value(flag: connections, file: file)
            let batches = try ServiceSettings.batchesInFlight.value(
                flag: batchesInFlight, file: file)
            guard batches <= connections else {
                throw TierFailure(
                    "\(batches) batches of reads in flight need as many connections, and there are "
                        + "\(connections)", .configuration)
            }
            let app = BalanceServiceApp(
                address: address, database: try database.configuration(file),
                identityDatabase: try database.identityConfiguration(file),
                connections: connections, batchesInFlight: batches,
                postingBatchesInFlight: try ServiceSettings.postingBatchesInFlight.value(
                    flag: postingBatchesInFlight, file: file),
                transfersPerBatch: try ServiceSettings.transfersPerBatch.value(
                    flag: transfersPerBatch, file: file),
                readyFile: try ServiceSettings.readyFile.value(flag: readyFile, file: file),
                tls: tls,
                bank: try ServiceSettings.bank.value(flag: bank, file: file))
            try await app.run()
        }
    }
}
