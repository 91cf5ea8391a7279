import BankAPI
import Ledger

/// What a write did, for people: a headline, and below it what goes by which name, aligned.
struct Receipt: Sendable {
    private let headline: String
    /// A name, and one cell, or several that align with those of other lines.
    private var facts: [(name: String, cells: [String])] = []

    init(headline: String) {
        self.headline = headline.printable
    }

    /// Of an account that was opened or closed.
    init(_ account: Account) {
        let isOpen = account.closedAt == nil
        headline = "\(isOpen ? "Opened" : "Closed") \(account.account.grouped)"
        append("name", account.name.shortened(toColumns: 200))
        append("currency", account.balance.currency.code)
        if isOpen { append("limit", account.overdraftLimit?.formatted ?? "none") }
    }

    init(_ record: RecordedTransfer) {
        headline = record.kind.past + (record.amount.map { " \($0.forPeople)" } ?? "")
        let cash = AccountKind.cash.rules
        let isCash = (
            debit: cash.debits.contains(record.kind), credit: cash.credits.contains(record.kind)
        )
        // Of the bank's cash neither balance nor version is anybody's business.
        let legs = [isCash.debit ? nil : record.debitLeg, isCash.credit ? nil : record.creditLeg]
        let balances = legs.map { leg in
            guard let leg, let currency = record.amount?.currency else { return "" }
            return Money(minorUnits: leg.balanceAfter, currency: currency).formatted
        }
        let versions = legs.map { $0.map { "\($0.version)" } ?? "" }
        func append(_ name: String, _ account: AccountNumber?, isCash: Bool, _ leg: Int) {
            guard let account else { return }
            if isCash { return self.append(name, "\(account.grouped)   the bank's cash") }
            guard legs[leg] != nil else { return self.append(name, account.grouped) }
            self.append(
                name, account.grouped, "balance " + balances[leg].paddedLeft(toWidest: balances),
                "version " + versions[leg].paddedLeft(toWidest: versions))
        }
        append("from", record.debit, isCash: isCash.debit, 0)
        append("to", record.credit, isCash: isCash.credit, 1)
        self.append("memo", record.memo?.description)
        self.append("hold", record.hold?.description)
        self.append("reverses", record.reverses?.description)
        if record.kind == .hold { self.append("expires", record.expiresAt?.forPeople) }
    }

    /// Nothing where there is no first cell.
    mutating func append(_ name: String, _ cell: String?, _ others: String...) {
        guard let cell else { return }
        facts.append((name, ([cell] + others).map(\.printable)))
    }

    func text(on terminal: Terminal) -> String {
        lines(on: terminal).map { "\($0)\n" }.joined()
    }

    func lines(on terminal: Terminal) -> [String] {
        let style = terminal.style
        let names = facts.map(\.name)
        let rows = facts.map(\.cells).filter { $0.count > 1 }
        let lines = facts.map { name, cells in
            let cells = cells.enumerated().map { column, cell in
                cells.count > 1 ? cell.padded(toWidest: rows.map { $0[column] }) : cell
            }
            return (["  " + style(.dim, name.padded(toWidest: names))] + cells)
                .joined(separator: "   ").withoutEnd(" ")
        }
        return [style(.bold, headline)] + lines
    }
}

extension TransferKind {
    fileprivate var past: String {
        switch self {
        case .transfer: "Transferred"
        case .deposit: "Deposited"
        case .withdrawal: "Withdrew"
        case .hold: "Held"
        case .post: "Posted"
        case .void: "Freed"
        case .reversal: "Reversed"
        }
    }
}
