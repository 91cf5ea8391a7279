import BankAPI
import Ledger

/// A statement as a person reads one: the account, then a line for each entry with the balance after
/// it, between the opening and the closing balance.
struct StatementView: Sendable {
    var statement: Statement
    var period: StatementPeriod
    /// Whether a table has the ids of the transfers.
    var hasIDs = false

    func table(on terminal: Terminal) -> String {
        let style = Style(hasColour: terminal.hasColour)
        let width = terminal.width
        // Memos give way first, then the times of the days; then memos go below.
        func fits(hasTimes: Bool) -> Bool {
            self.lines(width: width, Style(hasColour: false), hasTimes: hasTimes)
                .allSatisfy { $0.displayWidth <= width ?? .max }
        }
        let hasTimes = fits(hasTimes: true)
        let lines = self.lines(
            width: width, style, hasTimes: hasTimes,
            memosGoBelow: !hasTimes && !fits(hasTimes: false))
        let account = statement.account
        let head =
            "\(account.account.grouped)   \(account.name.printable.shortened(toColumns: 200))   "
            + account.balance.currency.code
        var text = [style(.bold, head), ""] + lines
        if let hint {
            text += [""] + hint.wrapped(toColumns: width ?? .max).map { style(.dim, $0) }
        }
        return text.joined(separator: "\n") + "\n"
    }

    private func lines(
        width: Int?, _ style: Style, hasTimes: Bool, memosGoBelow: Bool = false
    ) -> [String] {
        let hasMemos = statement.entries.contains { !$0.remark.isEmpty }
        var table = TextTable(columns: [
            .init(title: hasTimes ? "POSTED (UTC)" : "POSTED"), .init(title: "ENTRY"),
            .init(title: hasMemos ? "MEMO" : "", isElastic: true, goesBelow: memosGoBelow),
            .init(title: "AMOUNT", isRightAligned: true),
            .init(title: "BALANCE", isRightAligned: true),
        ])
        table.append(["", "opening balance", "", "", statement.openingBalance.formatted])
        if statement.hasEarlier {
            let balance = statement.broughtForward.formatted
            table.append(["", earlier, "", "", balance], ink: .dim)
        }
        for entry in statement.entries {
            table.append(
                [
                    entry.postedAt.text(hasTime: hasTimes), entry.summary,
                    entry.remark, entry.amount.formatted,
                    entry.balanceAfter.formatted,
                ], note: hasIDs ? "id \(entry.transfer)" : nil)
        }
        table.append(
            ["", "closing balance", "", "", statement.closingBalance.formatted], ink: .bold)
        return table.lines(width: width, style: style)
    }

    /// How many entries are left out, as far as is known: an account's entries are numbered.
    private var earlierCount: Int64? {
        guard period.from == nil, let oldest = statement.entries.first else { return nil }
        return oldest.version - 1
    }

    private var earlier: String {
        switch earlierCount {
        case 1: "1 earlier entry"
        case let count?: "\(Int(count).grouped) earlier entries"
        case nil: "earlier entries"
        }
    }

    private var earlierSubject: String {
        earlierCount == nil ? "Earlier entries" : earlier
    }

    private var hint: String? {
        guard statement.hasEarlier else { return nil }
        let verb = earlierCount == 1 ? "is" : "are"
        return "\(earlierSubject) \(verb) not shown: "
            + "give a larger --limit, or a period with --from and --to."
    }

    /// All entries as comma-separated values.
    func csv() -> String {
        var csv = CSVText(header: [
            "version", "posted_at", "kind", "transfer", "other_account", "amount", "currency",
            "balance_after", "memo",
        ])
        for entry in statement.entries {
            csv.append([
                "\(entry.version)", entry.postedAt.description, entry.kind,
                entry.transfer.description, entry.otherAccount.compact,
                entry.amount.decimalString, entry.amount.currency.code,
                entry.balanceAfter.decimalString, entry.memo?.description ?? "",
            ])
        }
        return csv.text
    }

    func json() throws(TellerError) -> String {
        try JSONText.object(StatementDocument(statement: statement, period: period))
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

extension Timestamp {
    /// `2026-01-31 09:30:00` in UTC, or only its day.
    func text(hasTime: Bool) -> String {
        String(description.prefix(hasTime ? 19 : 10)).replacing("T", with: " ")
    }
}

/// A statement for programs.
private struct StatementDocument: Encodable {
    var statement: Statement
    var period: StatementPeriod

    private enum CodingKeys: String, CodingKey {
        case from, to
        case hasEarlier = "has_earlier"
    }

    func encode(to encoder: any Encoder) throws {
        try StatementPage(
            account: statement.account, openingBalance: statement.openingBalance,
            closingBalance: statement.closingBalance, entries: statement.entries,
            nextPageToken: nil
        ).encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(period.from, forKey: .from)
        try container.encodeIfPresent(period.to, forKey: .to)
        try container.encode(statement.hasEarlier, forKey: .hasEarlier)
    }
}
