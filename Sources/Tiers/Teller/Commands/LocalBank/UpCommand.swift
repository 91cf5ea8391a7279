import ArgumentParser
import LocalBank

/// `teller up`.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start a bank on this machine: PostgreSQL and the tiers.",
        discussion: """
            The processes outlive this command; 'teller down' stops them. Run again, it starts \
            what has died and leaves the rest alone. If a part does not come up, what this \
            command had started is stopped, and so it is on Ctrl-C.

            Data, logs and state are in TELLER_HOME, else in ~/.local/state/teller, or \
            /var/lib/teller for root.
            """)

    @Option(
        help: ArgumentHelp(
            "How many balance-services: 1 to \(UpOptions.copyLimit).", valueName: "n"))
    var copies: Int?

    @Option(
        help: ArgumentHelp(
            "A PostgreSQL to use in place of a private one, as postgresql://user@host/name.",
            valueName: "url"))
    var database: String?

    @Option(
        help: ArgumentHelp("The bank-server's port; 0 for any free one. (default: 8080)"))
    var port: Int?

    func run() async throws {
        if let copies, !(1...UpOptions.copyLimit).contains(copies) {
            throw ValidationError("--copies: from 1 to \(UpOptions.copyLimit) can be started")
        }
        if let port, !(0...65_535).contains(port) {
            throw ValidationError("--port: a port is a number from 0 to 65535")
        }
        let terminal = Terminal.standardOutput()
        let progress = Progress(terminal)
        defer { progress.erase() }
        let options = UpOptions(copies: copies, port: port, databaseURL: database)
        let bank = try await Interruption.cancelling(
            advice: { "what had been started is stopped" }
        ) {
            try await LocalBank().up(options) { progress.show($0) }
        }
        try StandardStreams.write(Self.welcome(bank, terminal.style))
    }

    private static func welcome(_ bank: RunningBank, _ style: Style) -> String {
        let url = style(.bold, bank.serverURL)
        let headline =
            switch bank.outcome {
            case .started: "The bank is up at \(url)."
            case .alreadyUp: "The bank was up already, at \(url)."
            case .repaired(let parts):
                "The bank is up again at \(url): "
                    + parts.map(\.description).joined(separator: ", ") + " had died."
            }
        func hint(_ command: String, _ what: String) -> String {
            "  \(command.padded(to: 34))\(style(.dim, what))\n"
        }
        let user = LocalBank().demoPassword(of: "alice") == nil ? "NAME" : "alice"
        return "\n\(headline) Next:\n" + hint("teller login \(user)", "sign in")
            + hint("teller accounts", "your accounts")
            + hint(
                "teller balance ACCOUNT --explain", "a balance, and the time each tier took")
            + hint("teller down", "stop the bank")
    }
}
