import ArgumentParser
import LocalBank

/// `teller status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the processes of the bank that 'teller up' started.",
        discussion: """
            Ends with 0 when all are ready, and with 69 when one is not, or none is up.

            --output json prints an array of objects with tier, copy, pid, address, state (ready, \
            not_ready or dead), reason, uptime_seconds and log.
            """)

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    func run() async throws {
        let processes = try await LocalBankFailure.translating { try await LocalBank().status() }
        let view = StatusView(processes: processes)
        try output.print(view)
        if let failure = view.failure { throw failure }
    }
}
