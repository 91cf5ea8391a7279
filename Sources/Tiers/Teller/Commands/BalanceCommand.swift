import ArgumentParser
import BankAPI
import BankClient
import Chain
import Ledger

/// `teller balance`.
struct BalanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "Show the balance of one or more accounts.",
        discussion: """
            Accounts are shown in the order given. Where some cannot be read, the others are \
            shown, each failure is a line on standard error, and the exit code is the first \
            failure's ('teller help exit-codes').

            Money that is held is in the balance and not in what is available: where there is \
            any, both are shown.

            --output json prints an array, of one account too: objects with account, name, \
            currency, balance, held and available (decimal strings), version and, for closed \
            accounts, closed_at; with --explain also trace_id and timings. held and available \
            are absent with --at. Nothing is printed when no account could be read.
            """)

    @Argument(
        help: ArgumentHelp(
            "Account numbers, with or without spaces, such as XB45DEMO0000000017.",
            valueName: "account"))
    var accounts: [String]

    @Option(
        help: ArgumentHelp(
            "The balance as it was at this time, or at the end of this day, in UTC.",
            valueName: "time"))
    var at: String?

    @Option(
        help: ArgumentHelp(
            "Wait until the account has this version, such as a transfer tells.",
            valueName: "version"))
    var atLeastVersion: Int64?

    @Flag(help: "Draw the chain: what each tier did for the answer, and how long it took.")
    var explain = false

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    @OptionGroup var bank: BankOptions

    func run() async throws {
        let state = try checkedState()
        let numbers = try AccountArguments.parse(accounts)
        if case .atLeast = state, numbers.count > 1 {
            throw TellerError(
                .usage, "--at-least-version is of one account, and \(numbers.count) are given",
                advice: "ask for each on its own")
        }
        let client = try bank.client(isSampled: explain)
        let results = await BalanceQuery(client: client, state: state).run(numbers)
        let answers = results.compactMap { try? $0.get() }
        if !answers.isEmpty {
            try output.print(BalanceView(answers: answers, isExplained: explain))
        }
        let failures = BalanceQuery.failures(of: results, numbers)
        if !failures.isEmpty { throw CommandFailure(errors: failures) }
    }

    private func checkedState() throws -> BalanceState {
        switch (at, atLeastVersion) {
        case (nil, nil): return .now
        case (let time?, nil): return .at(try option("--at") { try TimeArgument(time).last })
        case (nil, let version?):
            guard version >= 0 else {
                throw ValidationError("--at-least-version: a version is not negative")
            }
            return .atLeast(version: version)
        default: throw ValidationError("--at and --at-least-version exclude one another")
        }
    }
}
