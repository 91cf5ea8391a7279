import ArgumentParser

/// `balance-service`: tier 3.
@main
struct BalanceServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance-service",
        abstract: "Tier 3 of Teller: the ledger's balances behind gRPC, from PostgreSQL.",
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, MigrateCommand.self, UserCommand.self, HealthCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)
}
