import BankAPI
import Ledger

/// A statement as a person reads one: the account, then a line for each entry with the balance after
/// it, between the opening and the closing balance.
struct StatementView: View {
    var statement: Statement
    var period: StatementPeriod
    /// Whether a table has the ids of the transfers.
    var hasIDs = false

    func lines(on terminal: Terminal) -> [String] {
        let style = terminal.style
        let room = terminal.width ?? .max
        // Memos give way first, then the times of the days; then memos go below.
        let forms = [(true, false), (false, false), (false, true)].lazy.map { form in
            table(hasTimes: form.0, memosGoBelow: form.1)
        }
        let plain = Style(hasColour: false)
        let fitting = forms.first { table in
            table.lines(width: terminal.width, style: plain).allSatisfy { $0.displayWidth <= room }
        }
        let account = statement.account
        let head = [
            account.account.grouped, account.name.printable.shortened(toColumns: 200),
            account.balance.currency.code,
        ]
        let hint = hint.map { [""] + $0.wrapped(toColumns: room).map { style(.dim, $0) } }
        return [style(.bold, head.joined(separator: TextTable.gap)), ""]
            + (fitting ?? forms[2]).lines(on: terminal) + (hint ?? [])
    }

    private func table(hasTimes: Bool, memosGoBelow: Bool) -> TextTable {
        let hasMemos = statement.entries.contains { !$0.remark.isEmpty }
        var table = TextTable(columns: [
            .init(title: hasTimes ? "POSTED (UTC)" : "POSTED"), .init(title: "ENTRY"),
            .init(title: hasMemos ? "MEMO" : "", isElastic: true, goesBelow: memosGoBelow),
            .init(title: "AMOUNT", isRightAligned: true),
            .init(title: "BALANCE", isRightAligned: true),
        ])
        func append(_ name: String, _ balance: Money, _ ink: Style.Ink? = nil) {
            table.append(["", name, "", "", balance.formatted], ink: ink)
        }
        append("opening balance", statement.openingBalance)
        if statement.hasEarlier { append(earlier, statement.broughtForward, .dim) }
        for entry in statement.entries {
            table.append(
                [
                    entry.postedAt.text(hasTime: hasTimes), entry.summary, entry.remark,
                    entry.amount.formatted, entry.balanceAfter.formatted,
                ], note: hasIDs ? "id \(entry.transfer)" : nil)
        }
        append("closing balance", statement.closingBalance, .bold)
        return table
    }

    /// How many entries are left out, as far as is known: an account's entries are numbered.
    private var earlierCount: Int64? {
        period.from == nil ? statement.entries.first.map { $0.version - 1 } : nil
    }

    private var earlier: String {
        switch earlierCount {
        case 1: "1 earlier entry"
        case let count?: "\(count.grouped) earlier entries"
        case nil: "earlier entries"
        }
    }

    private var hint: String? {
        guard statement.hasEarlier else { return nil }
        let subject = earlierCount == nil ? "Earlier entries" : earlier
        return "\(subject) \(earlierCount == 1 ? "is" : "are") not shown: "
            + "give a larger --limit, or a period with --from and --to."
    }

    /// All entries as comma-separated values.
    func csv() -> String {
        let header = [
            "version", "posted_at", "kind", "transfer", "other_account", "amount", "currency",
            "balance_after", "memo",
        ]
        let rows = statement.entries.map { entry in
            [
                "\(entry.version)", entry.postedAt.description, entry.kind,
                entry.transfer.description, entry.otherAccount.compact,
                entry.amount.decimalString, entry.amount.currency.code,
                entry.balanceAfter.decimalString, entry.memo?.description ?? "",
            ]
        }
        return ([header] + rows).map(\.csvLine).joined()
    }

    func json() throws(TellerError) -> String {
        let page = StatementPage(
            account: statement.account, openingBalance: statement.openingBalance,
            closingBalance: statement.closingBalance, entries: statement.entries,
            nextPageToken: nil)
        let earlier = ["has_earlier": statement.hasEarlier]
        return try JSONText.object(Members(page, and: Members(period, and: earlier)))
    }
}

extension StatementPage.Entry {
    /// Who is at its other side; where that is the bank's cash, which way it went.
    fileprivate var summary: String {
        switch TransferKind(rawValue: kind) {
        case .deposit, .withdrawal: kind
        default: "\(amount.minorUnits < 0 ? "to" : "from") \(otherAccount.grouped)"
        }
    }

    /// Its memo, and its kind where that says more than who is at its other side.
    fileprivate var remark: String {
        let kind: String? =
            switch TransferKind(rawValue: kind) {
            case .reversal: "reversal"
            case nil: "unknown: \(kind)"
            default: nil
            }
        return [kind, memo?.description].compactMap(\.self).joined(separator: ": ")
    }
}
