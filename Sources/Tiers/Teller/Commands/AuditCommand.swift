import ArgumentParser
import BankAPI
import BankClient

/// `teller audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Check that the whole ledger adds up. For operators.",
        discussion: """
            Prints each invariant and how many cases were looked at. Where one is broken, the exit \
            code is \(ExitStatus.auditBroken.rawValue), and some of the broken cases are named. \
            It reads the whole ledger, and has \(standardTimeout) unless --timeout says otherwise.

            --journal also holds this client's journal against the ledger: what was acknowledged \
            is there once and as requested, accounts that were opened and closed too, and that what \
            was refused is not. Pending requests are counted and are no fault: 'teller resume' \
            settles them. Left out are requests to other ledgers, and those that cannot be looked \
            up: accounts that were not opened or not closed, and those that an earlier version of \
            teller opened without noting their number.

            --output json prints an object with ledger, invariants (name, counted, broken and, for \
            a broken one, example) and, with --journal, journal.
            """)

    static let standardTimeout = "60s"

    @Flag(help: "Check this client's journal as well.")
    var journal = false

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    @OptionGroup var bank: BankOptions

    func run() async throws {
        let client = try bank.client(standardTimeout: Timeout(Self.standardTimeout))
        let own = journal ? try Journal.standard() : nil
        let report = try await asking(await client.audit())
        var view = AuditView(report: report)
        if let own {
            view.journal = try await JournalQuery(client: client, journal: own).run(report.ledger)
        }
        try output.print(view)
        if let failure = view.failure { throw failure }
    }
}
