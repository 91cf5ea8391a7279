import Ledger

/// What a transfer did, for people.
struct TransferView: Sendable {
    private let record: RecordedTransfer
    private let bank: BankName
    /// That it was done before, if it was.
    private let repeated: String?

    init(_ record: RecordedTransfer, bank: BankName, repeated: String? = nil) {
        self.record = record
        self.bank = bank
        self.repeated = repeated
    }

    func text(on terminal: Terminal) -> String {
        let style = Style(hasColour: terminal.hasColour)
        var facts = FactLines()
        let cash = AccountKind.cash.rules
        append(
            "from", record.debit, record.debitLeg, isCash: cash.debits.contains(record.kind),
            to: &facts)
        append(
            "to", record.credit, record.creditLeg, isCash: cash.credits.contains(record.kind),
            to: &facts)
        if let memo = record.memo { facts.append("memo", memo.description) }
        if let hold = record.hold { facts.append("hold", "\(hold)") }
        if let reversed = record.reverses { facts.append("reverses", "\(reversed)") }
        if record.kind == .hold, let time = record.expiresAt {
            facts.append("expires", time.forPeople)
        }
        facts.append("id", "\(record.id)")
        facts.append("bank", bank.text)
        if let repeated { facts.append("repeat", repeated) }
        let lines = [style(.bold, headline)] + facts.lines(style: style)
        return lines.joined(separator: "\n") + "\n"
    }

    private var headline: String {
        let verb =
            switch record.kind {
            case .transfer: "Transferred"
            case .deposit: "Deposited"
            case .withdrawal: "Withdrew"
            case .hold: "Held"
            case .post: "Posted"
            case .void: "Freed"
            case .reversal: "Reversed"
            }
        return record.amount.map { "\(verb) \($0.forPeople)" } ?? verb
    }

    private func append(
        _ name: String, _ account: AccountNumber?, _ leg: RecordedTransfer.Leg?, isCash: Bool,
        to facts: inout FactLines
    ) {
        guard let account else { return }
        if isCash { return facts.append(name, "\(account.grouped)   the bank's cash") }
        guard let leg else { return facts.append(name, account.grouped) }
        let (balance, version) = (balance(of: leg), "\(leg.version)")
        facts.append(
            name, account.grouped,
            "balance "
                + balance.paddedLeft(to: shownLegs.map { self.balance(of: $0).count }.max() ?? 0),
            "version " + version.paddedLeft(to: shownLegs.map { "\($0.version)".count }.max() ?? 0))
    }

    private var shownLegs: [RecordedTransfer.Leg] {
        let legs = [
            record.kind == .deposit ? nil : record.debitLeg,
            record.kind == .withdrawal ? nil : record.creditLeg,
        ]
        return legs.compactMap(\.self)
    }

    private func balance(of leg: RecordedTransfer.Leg) -> String {
        guard let currency = record.amount?.currency else { return "" }
        return Money(minorUnits: leg.balanceAfter, currency: currency).formatted
    }
}
