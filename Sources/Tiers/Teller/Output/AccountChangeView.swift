import BankAPI
import Ledger

/// An account that was opened or closed, for people.
struct AccountChangeView: Sendable {
    var account: Account
    /// The request's.
    var id: Identifier
    var bank: BankName
    /// That it was done before, if it was.
    var repeated: String?

    func text(on terminal: Terminal) -> String {
        let style = Style(hasColour: terminal.hasColour)
        var facts = FactLines()
        facts.append("name", account.name.shortened(toColumns: 200))
        facts.append("currency", account.balance.currency.code)
        if account.closedAt == nil {
            facts.append("limit", account.overdraftLimit?.formatted ?? "none")
        }
        facts.append("id", "\(id)")
        facts.append("bank", bank.text)
        if let repeated { facts.append("repeat", repeated) }
        let verb = account.closedAt == nil ? "Opened" : "Closed"
        let lines =
            [style(.bold, "\(verb) \(account.account.grouped)")] + facts.lines(style: style)
        return lines.joined(separator: "\n") + "\n"
    }
}
