import ArgumentParser
import LocalBank

/// `teller down`.
struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop the bank that 'teller up' started.",
        discussion: """
            Front to back: each tier finishes what is in flight first, for 12 s at most. The data \
            stays, unless --purge is given.
            """)

    @Flag(help: "Delete the data, the logs and the state as well.")
    var purge = false

    func run() async throws {
        let progress = Progress(Terminal.standardOutput())
        defer { progress.erase() }
        let stopped = try await LocalBankFailure.translating {
            try await LocalBank().down(purge: purge) { progress.show($0) }
        }
        if stopped.isEmpty && !purge { try StandardStreams.write("No bank is up.\n") }
    }
}
