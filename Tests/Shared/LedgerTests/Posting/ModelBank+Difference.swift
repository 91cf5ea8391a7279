import Ledger

@testable import LedgerTestSupport

extension ModelBank {
    /// What the bank has otherwise than this model; nil when nothing.
    func difference(from bank: BookKeeper) -> String? {
        for account in accounts {
            guard let other = bank[account.number], Int128(other.balance) == account.balance,
                Int128(other.held) == held(by: account.number), other.version == account.version,
                other.changedAt.microseconds == account.changedAt
            else { return "\(account)\n is not \(String(describing: bank[account.number]))" }
        }
        if entries != bank.entries { return "entries: \(entries)\n and not \(bank.entries)" }
        if Set(holds) != Set(bank.holds.values) {
            return "holds: \(holds)\n and not \(bank.holds.values)"
        }
        for (request, outcome) in asked where bank.records[request.id]?.outcome != outcome {
            return "\(request)\n is not \(String(describing: bank.records[request.id]))"
        }
        return asked.count == bank.records.count ? nil : "\(bank.records.count) records"
    }
}
