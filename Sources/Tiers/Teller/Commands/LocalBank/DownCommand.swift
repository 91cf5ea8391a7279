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
        let stopped = try await Interruption.cancelling(advice: { [purge] in
            await Self.left(purge: purge)
        }) { [purge] in
            try await LocalBank().down(purge: purge) { progress.show($0) }
        }
        if stopped.isEmpty && !purge { try StandardStreams.write("No bank is up.\n") }
    }

    /// What an interrupted call has left to do.
    private static func left(purge: Bool) async -> String {
        let bank = LocalBank()
        let again = "'teller down\(purge ? " --purge" : "")' goes on with it"
        guard let running = try? await bank.runningParts() else { return again }
        let parts = running.map(\.description).joined(separator: ", ")
        let verb = running.count == 1 ? "is" : "are"
        if !running.isEmpty { return "\(parts) \(verb) left running; \(again)" }
        if purge, bank.home.hasData {
            return "all is stopped, and the data is still there; \(again)"
        }
        return purge ? "all is stopped, and the data is deleted" : "all is stopped"
    }
}
