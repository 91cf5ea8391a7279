import ArgumentParser
import BankAPI
import BankClient
import Ledger

/// `teller security-log`.
struct SecurityLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "security-log",
        abstract: "Show who signed in or tried to, and what was refused. For operators.",
        discussion: """
            The newest comes first. A table shows \(newestOfATable) of them; json has all, unless \
            --limit says how many.

            --output json prints an array of objects with number, at, event and, where they are \
            known, user (whom it is about), by (who did it, when it was somebody else), source (the \
            address that it came from) and trace_id.
            """)

    static let newestOfATable = 50
    /// The most that are kept in memory.
    static let mostEvents = 1_000_000

    @Option(help: ArgumentHelp("Only so many, the newest ones.", valueName: "n"))
    var limit: Int?

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    @OptionGroup var bank: BankOptions

    func validate() throws {
        guard limit.map((1...Self.mostEvents).contains) != false else {
            throw ValidationError("--limit: 1 to \(Self.mostEvents) can be shown")
        }
    }

    func run() async throws {
        let most = limit ?? (output == .table ? Self.newestOfATable : nil)
        let (events, hasMore) = try await Self.events(bank.client(), most ?? Self.mostEvents)
        guard most != nil || !hasMore else {
            throw TellerError(
                .dataError, "there are more than \(Self.mostEvents) events",
                advice: "choose the newest with --limit")
        }
        try output.print(SecurityLogView(events: events, hasMore: hasMore))
    }

    private static func events(
        _ client: BankClient, _ most: Int
    ) async throws(TellerError) -> (newest: [SecurityLogPage.Event], hasMore: Bool) {
        var events: [SecurityLogPage.Event] = []
        var token: String?
        repeat {
            let size = min(most - events.count, BankRoute.largestPageSize)
            let page = try await asking(
                await client.securityLog(pageSize: size, pageToken: token))
            events += page.events
            guard page.nextPageToken == nil || page.nextPageToken != token,
                !page.events.isEmpty || page.nextPageToken == nil
            else { throw TellerError(client.notABank("the pages of its log do not end")) }
            token = page.nextPageToken
        } while token != nil && events.count < most
        return (Array(events.prefix(most)), token != nil || events.count > most)
    }
}
