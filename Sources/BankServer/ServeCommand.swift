import ArgumentParser
import Chain
import Logging

/// `bank-server serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve until SIGTERM or SIGINT.",
        discussion: "A flag counts before its environment variable, and that before the default.")

    @Option(help: "Where to listen; port 0: any. BANK_SERVER_LISTEN, 127.0.0.1:8080.")
    var listen: String?

    @Option(
        name: .customLong("balance-service"),
        help: "A balance service; repeat for several. BALANCE_SERVICES, 127.0.0.1:50051.")
    var balanceServices: [String] = []

    @Option(help: "trace, debug, info, notice, warning or error. LOG_LEVEL, info.")
    var logLevel: String?

    @Option(help: "Requests at a time; past it 503. BANK_SERVER_MAX_IN_FLIGHT, 1000.")
    var maxInFlight: String?

    @Option(
        help: "Calls at a time to each balance service. BANK_SERVER_BATCHES_IN_FLIGHT, 2.")
    var batchesInFlight: String?

    @Option(help: "Threads for network events. BANK_SERVER_EVENT_LOOPS, 1.")
    var eventLoops: String?

    @Option(help: "A file to write host:port to, once the server listens.")
    var readyFile: String?

    func run() async throws {
        let configuration: AppConfiguration
        do throws(SettingError) {
            configuration = try AppConfiguration(self)
        } catch {
            throw Failure.exit(saying: "\(error)", status: error.exitStatus)
        }
        ServerLog.bootstrap(level: configuration.logLevel)
        do {
            try await runServer(configuration)
            ServerLog.flush()
        } catch {
            ServerLog.flush()
            let failure = Failure(error, configuration: configuration)
            throw Failure.exit(saying: failure.message, status: failure.status)
        }
    }
}
