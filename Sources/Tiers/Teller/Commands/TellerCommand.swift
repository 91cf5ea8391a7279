import ArgumentParser

/// The root command.
struct TellerCommand: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "teller",
        abstract: "Read and move money in a bank's accounts, and see how each answer was made.",
        discussion: """
            A bank in three hops: teller asks bank-server, which asks balance-service, which asks \
            PostgreSQL. Start one on this machine with 'teller up'.

            The bank is the one at --server, else at TELLER_SERVER, else the one that 'teller up' \
            started. Without any of them, reads go to http://127.0.0.1:8080, and writes are \
            refused. 'teller help exit-codes' lists the exit codes.

            'teller login NAME' signs in to it: the session goes with all that is asked there.

            A write is in a journal before it is sent: when its answer is lost, 'teller pending' \
            lists it and 'teller resume' settles it.
            """,
        version: version,
        subcommands: [
            BalanceCommand.self, AccountsCommand.self, StatementCommand.self, OpenCommand.self,
            CloseCommand.self, DepositCommand.self, WithdrawCommand.self, TransferCommand.self,
            HoldCommand.self, PostCommand.self, VoidCommand.self, ReverseCommand.self,
            PendingCommand.self, ResumeCommand.self, AuditCommand.self, LoginCommand.self,
            LogoutCommand.self, PasswdCommand.self, WhoamiCommand.self, SessionsCommand.self,
            UserCommand.self, SecurityLogCommand.self, UpCommand.self, StatusCommand.self,
            LogsCommand.self, DownCommand.self, CertificatesCommand.self, ExitCodesCommand.self,
        ])
}
