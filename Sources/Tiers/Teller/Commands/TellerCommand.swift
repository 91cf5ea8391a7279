import ArgumentParser

/// The root command.
struct TellerCommand: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "teller",
        abstract: "See and move the money of a bank's accounts, and see how the answer came about.",
        discussion: """
            A bank in three hops: teller asks bank-server, which asks balance-service, which asks \
            PostgreSQL. Start one on this machine with 'teller up'.

            The bank is asked at --server, else at TELLER_SERVER, else where 'teller up' started \
            it. Where there is none, what only reads asks at http://127.0.0.1:8080, and nothing \
            is written. 'teller help exit-codes' lists the exit codes.

            What asks the bank to do something is in a journal before it is sent: where an answer \
            is lost, 'teller pending' lists it and 'teller resume' settles it.
            """,
        version: version,
        subcommands: [
            BalanceCommand.self, AccountsCommand.self, StatementCommand.self, OpenCommand.self,
            CloseCommand.self, DepositCommand.self, WithdrawCommand.self, TransferCommand.self,
            HoldCommand.self, PostCommand.self, VoidCommand.self, ReverseCommand.self,
            PendingCommand.self, ResumeCommand.self, AuditCommand.self, UpCommand.self,
            StatusCommand.self,
            LogsCommand.self, DownCommand.self, ExitCodesCommand.self,
        ])
}
