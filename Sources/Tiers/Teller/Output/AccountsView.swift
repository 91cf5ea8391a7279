import BankAPI
import Ledger

/// The accounts as a table or as JSON.
struct AccountsView: View {
    var accounts: [Account]
    /// The only currency that was requested.
    var currency: Currency?

    func lines(on terminal: Terminal) -> [String] {
        guard !accounts.isEmpty else {
            return ["No accounts\(currency.map { " in \($0.code)" } ?? "")."]
        }
        let hasHeld = accounts.contains { $0.held.minorUnits != 0 }
        // What is available is without the overdraft: the two are seen together.
        let hasLimit = accounts.contains { !Self.limit($0).isEmpty }
        let hasAvailable = hasHeld || hasLimit
        var table = TextTable(columns: [
            .init(title: "ACCOUNT"), .init(title: "NAME", isElastic: true, goesBelow: true),
            .init(title: "CUR"), .init(title: "BALANCE", isRightAligned: true),
            .init(title: hasHeld ? "HELD" : "", isRightAligned: true),
            .init(title: hasAvailable ? "AVAILABLE" : "", isRightAligned: true),
            .init(title: hasLimit ? "LIMIT" : "", isRightAligned: true),
            .init(title: "", goesBelow: true),
        ])
        for account in accounts {
            table.append(
                [
                    account.account.grouped, account.name.shortened(toColumns: 200),
                    account.balance.currency.code, account.balance.formatted,
                    account.held.minorUnits == 0 ? "" : account.held.formatted,
                    hasAvailable ? account.available?.formatted ?? "" : "",
                    Self.limit(account), account.closedAt?.closedDay ?? "",
                ],
                ink: account.closedAt == nil ? nil : .dim)
        }
        return table.lines(on: terminal)
    }

    private static func limit(_ account: Account) -> String {
        guard account.closedAt == nil, let limit = account.overdraftLimit else { return "" }
        return limit.minorUnits == 0 ? "" : limit.formatted
    }

    func json() throws(TellerError) -> String {
        try JSONText.array(accounts)
    }
}

extension Timestamp {
    /// Of the time when an account was closed.
    var closedDay: String { "closed \(text(hasTime: false))" }
}
