import BankAPI
import Ledger

/// An account that was opened or closed, for people.
struct AccountChangeView: Sendable {
    var account: Account
    /// The request's.
    var id: Identifier

    func text(on terminal: Terminal) -> String {
        let style = Style(hasColour: terminal.hasColour)
        var facts = FactLines()
        facts.append("name", account.name.shortened(toColumns: 200))
        facts.append("currency", account.balance.currency.code)
        if account.closedAt == nil {
            facts.append("limit", account.overdraftLimit?.formatted ?? "none")
        }
        facts.append("id", "\(id)")
        let verb = account.closedAt == nil ? "Opened" : "Closed"
        let lines =
            [style(.bold, "\(verb) \(account.account.grouped)")] + facts.lines(style: style)
        return lines.joined(separator: "\n") + "\n"
    }

    func json() throws(TellerError) -> String {
        try JSONText.object(AccountChangeDocument(account: account, id: id))
    }
}

/// The account's members, and the request's id.
private struct AccountChangeDocument: Encodable {
    var account: Account
    var id: Identifier

    private enum CodingKeys: String, CodingKey { case id }

    func encode(to encoder: any Encoder) throws {
        try account.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
    }
}
