import ArgumentParser

/// Tier 2: the bank application server.
@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bank-server",
        abstract: "The bank application server: answers HTTP, as a client of the balance services.",
        version: "0.1.0",
        subcommands: [ServeCommand.self, HealthCommand.self],
        defaultSubcommand: ServeCommand.self)
}
