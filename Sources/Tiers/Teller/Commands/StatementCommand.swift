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

    func run() async throws {
        let period = try StatementPeriod(
            from: from.map { day in try option("--from") { try TimeArgument(day).start } },
            to: to.map { day in try option("--to") { try TimeArgument(day).end } })
        if let from = period.from, let to = period.to, from >= to {
            throw ValidationError("--from: the period ends at --to, before it begins")
        }
        try check(limit, "--limit", "shown", most: StatementQuery.mostEntries)
        try check(pageSize, "--page-size", "asked for", most: BankRoute.largestPageSize)
        let accounts = try AccountArguments.parse(account)
        guard accounts.count == 1 else {
            throw TellerError(
                .usage, "\(accounts.count) accounts are given", advice: "name one of them")
        }
        let limit = limit ?? (output == .table ? Self.newestOfATable : nil)
        let statement = try await StatementQuery(client: bank.client()).run(
            accounts[0], period, limit: limit, pageSize: pageSize)
        let view = StatementView(statement: statement, period: period, hasIDs: ids)
        switch output {
        case .table: try OutputFormat.table.print(view)
        case .json: try OutputFormat.json.print(view)
        case .csv: try StandardStreams.write(view.csv())
        }
    }

    private func check(_ count: Int?, _ name: String, _ verb: String, most: Int) throws {
        guard let count, !(1...most).contains(count) else { return }
        throw ValidationError("\(name): from 1 to \(most) entries can be \(verb)")
    }
}

/// The form of a statement.
enum StatementFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table
    case json
    case csv
}
