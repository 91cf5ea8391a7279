import ArgumentParser
import BankAPI
import BankClient
import Ledger

/// `teller accounts`.
struct AccountsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "List your accounts and their balances, or an operator all of the bank's.",
        discussion: """
            --output json prints an array of objects with account, name, currency, balance, held, \
            available (the balance less what is held) and overdraft_limit (absent: without limit) \
            as decimal strings, version, opened_at and, for closed ones, closed_at.
            """)

    @Option(
        help: ArgumentHelp("Only accounts in this currency, such as EUR.", valueName: "currency"),
        completion: .list(["EUR", "JPY", "USD"]))
    var currency: String?

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    @OptionGroup var bank: BankOptions

    func run() async throws {
        let currency = try currency.map { text in
            try option("--currency") { try Currency(text) }
        }
        let accounts = try await AccountsQuery(client: bank.client()).run(currency: currency)
        try output.print(AccountsView(accounts: accounts, currency: currency))
    }
}

/// Reads all pages of the accounts.
struct AccountsQuery: Sendable {
    /// The most accounts that are kept in memory.
    static let mostAccounts = 1_000_000

    let client: BankClient

    func run(currency: Currency?) async throws(TellerError) -> [Account] {
        var accounts: [Account] = []
        var token: String?
        repeat {
            let page = try await asking(
                await client.accounts(currency: currency, pageToken: token))
            accounts += page.accounts
            guard page.nextPageToken == nil || page.nextPageToken != token,
                !page.accounts.isEmpty || page.nextPageToken == nil
            else { throw TellerError(client.notABank("its pages of accounts do not end")) }
            guard accounts.count <= Self.mostAccounts else {
                throw TellerError(
                    .software, "there are more than \(Self.mostAccounts) accounts",
                    advice: "choose some with --currency")
            }
            token = page.nextPageToken
        } while token != nil
        return accounts
    }
}
