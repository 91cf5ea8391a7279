import ArgumentParser
import BankAPI
import Ledger

/// `teller statement`.
struct StatementCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statement",
        abstract: "Show an account's entries with the balance after each.",
        discussion: """
            Entries are in the order they were posted, the oldest first, between the opening and \
            the closing balance of the period. A table shows the newest \(newestOfATable) of them; \
            json and csv have all, unless --limit says how many.

            A day is one of UTC: --from begins with it, --to ends with it. A time is one of \
            RFC 3339, such as 2026-01-31T09:30:00Z: --from it on, --to before it.

            --output json prints an object with account, opening_balance, closing_balance, entries \
            (version, posted_at, kind, transfer, other_account, amount, balance_after and, where \
            there is one, memo) and has_earlier, which tells whether --limit left out any. \
            --output csv prints a header and a line for each entry, as in RFC 4180. Memos are as \
            they were written: import them as text, as a spreadsheet may take one that begins \
            with =, +, - or @ for a formula.
            """)

    static let newestOfATable = 50

    @Argument(
        help: ArgumentHelp(
            "An account number, with or without spaces, such as XB45DEMO0000000017.",
            valueName: "account"))
    var account: [String]

    @Option(help: ArgumentHelp("The first day, or a time.", valueName: "date"))
    var from: String?

    @Option(help: ArgumentHelp("The last day, or the time of the end.", valueName: "date"))
    var to: String?

    @Option(help: ArgumentHelp("Only so many, the newest ones.", valueName: "n"))
    var limit: Int?

    @Option(
        help: ArgumentHelp(
            "How many entries to ask for at once: 1 to \(BankRoute.largestPageSize).",
            valueName: "n"))
    var pageSize: Int?

    @Flag(
        help: ArgumentHelp(
            "Show the id of each entry's transfer in a table: what 'teller reverse' takes."))
    var ids = false

    @Option(help: "What to print: table, json or csv.")
    var output: StatementFormat = .table

    @OptionGroup var bank: BankOptions

    func validate() throws {
        _ = try StatementPeriod(from: from, to: to)
        if let limit, !(1...StatementQuery.mostEntries).contains(limit) {
            throw ValidationError(
                "--limit: from 1 to \(StatementQuery.mostEntries) entries can be shown")
        }
        if let pageSize, !(1...BankRoute.largestPageSize).contains(pageSize) {
            throw ValidationError(
                "--page-size: from 1 to \(BankRoute.largestPageSize) entries can be asked for")
        }
    }

    func run() async throws {
        let account = try AccountArguments.parseOne(account)
        let period = try StatementPeriod(from: from, to: to)
        let limit = limit ?? (output == .table ? Self.newestOfATable : nil)
        let statement = try await StatementQuery(client: bank.client()).run(
            account, period, limit: limit, pageSize: pageSize)
        let view = StatementView(statement: statement, period: period, hasIDs: ids)
        switch output {
        case .table: try StandardStreams.write(view.table(on: Terminal.standardOutput()))
        case .json: try StandardStreams.write(view.json())
        case .csv: try StandardStreams.write(view.csv())
        }
    }
}

/// The form of a statement.
enum StatementFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table
    case json
    case csv
}
