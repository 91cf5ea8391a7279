import BankAPI
import Ledger

/// Compares what was asked and answered with what the database holds.
///
/// To be used when nothing is on its way any more and every unknown outcome was settled.
struct Checker {
    let history: [Identifier: History.Entry]
    /// What the command line's callers asked; see ``TellerWorker``.
    let commands: [Identifier: CommandHistory.Entry]
    let before: LedgerContents
    let after: LedgerContents
    let violations: Violations

    func check() {
        for (id, entry) in history { check(id, entry) }
        for (id, entry) in commands { check(id, entry) }
        for id in after.transfers.keys where history[id] == nil && commands[id] == nil {
            violations.add(.asked, "nobody asked for \(id)")
        }
        for id in after.misshapen { violations.add(.acknowledged, "\(id) has other entries") }
        checkLinked()
        checkAccounts()
    }

    private func check(_ id: Identifier, _ entry: History.Entry) {
        let found = after.transfers[id]
        for case .wrong(let what) in entry.answers { violations.add(.answers, "\(id): \(what)") }
        let definite = Set(entry.answers.filter(\.isDefinite))
        if definite.count > 1 { violations.add(.repeats, "\(id): \(definite)") }
        switch entry.settled {
        case .done(let record):
            if found != record {
                violations.add(.acknowledged, "\(record) is \(String(describing: found))")
            }
        case .refused(let code):
            if found?.refusal?.rawValue != code.rawValue {
                violations.add(
                    .refused, "\(id), \(code.rawValue), is \(String(describing: found))")
            }
        case .unknown, .notDone, .wrong, nil:
            if entry.isUnknown {
                violations.add(.settles, "\(id): \(entry.answers)")
            } else if let found {
                violations.add(.notDone, "\(entry.answers) but \(found)")
            }
        }
        if let found, !entry.request.matches(found) {
            violations.add(.asked, "\(entry.request) is \(found)")
        }
    }

    private func check(_ id: Identifier, _ entry: CommandHistory.Entry) {
        let found = after.transfers[id]
        switch entry.outcome {
        case .done:
            if found == nil || found?.refusal != nil {
                violations.add(.acknowledged, "\(id) is \(String(describing: found))")
            }
        case .refused:
            if found?.refusal == nil { violations.add(.refused, "\(id) by a command") }
        case .notDone(let status):
            if let found { violations.add(.notDone, "exit status \(status) but \(found)") }
        case .unknown: break
        }
        if let found, !entry.request.matches(found) {
            violations.add(.asked, "\(entry.request) is \(found)")
        }
    }

    private func checkLinked() {
        for entry in history.values where entry.linked.first == entry.request.id {
            let found = entry.linked.compactMap { after.transfers[$0] }
            let done = found.count { $0.refusal == nil }
            if done != 0 && done != entry.linked.count
                || !found.isEmpty && found.count != entry.linked.count
            {
                violations.add(.linked, "\(entry.linked): \(done) done, \(found.count) there")
            }
        }
    }

    private func checkAccounts() {
        var expected = before.accounts.mapValues(\.balance)
        for record in done() where record.kind.movesMoney {
            guard let amount = record.amount, let debit = record.debit, let credit = record.credit
            else { continue }
            expected[debit, default: 0] -= amount.minorUnits
            expected[credit, default: 0] += amount.minorUnits
        }
        for (number, account) in after.accounts {
            if account.balance != expected[number] ?? 0 {
                violations.add(
                    .balances, "\(number): \(account.balance), not \(expected[number] ?? 0)")
            }
            if account.held != account.pending {
                violations.add(.held, "\(number): \(account.held), not \(account.pending)")
            }
            if let limit = account.limit, account.lowest < -limit {
                violations.add(.limits, "\(number) was at \(account.lowest)")
            }
        }
    }

    /// What the callers know to be done; of the commands' what the database says, which
    /// `teller audit --journal` compares with theirs.
    private func done() -> [RecordedTransfer] {
        let told = history.values.compactMap { entry -> RecordedTransfer? in
            if case .done(let record) = entry.settled { record } else { nil }
        }
        return told
            + commands.keys.compactMap { after.transfers[$0] }.filter { $0.refusal == nil }
    }
}

extension TransferRequest {
    /// Whether the record is of this request, as far as the request itself says.
    func matches(_ record: RecordedTransfer) -> Bool {
        guard record.id == id, record.kind == kind, record.memo == memo else { return false }
        let isDone = record.refusal == nil
        switch action {
        case .transfer(let debit, let credit, let amount):
            return (record.debit, record.credit, record.amount) == (debit, credit, amount)
        case .deposit(let credit, let amount):
            return record.credit == credit && record.amount == amount
        case .withdrawal(let debit, let amount):
            return record.debit == debit && record.amount == amount
        case .hold(let debit, let credit, let amount, let seconds):
            return (record.debit, record.credit, record.amount) == (debit, credit, amount)
                && record.holdSeconds == seconds
        case .post(let hold, let amount):
            return record.hold == hold && (!isDone || amount == nil || record.amount == amount)
        case .void(let hold): return record.hold == hold
        case .reversal(let transfer): return record.reverses == transfer
        }
    }
}
