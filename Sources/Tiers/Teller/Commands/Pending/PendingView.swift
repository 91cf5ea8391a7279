import BankAPI
import Ledger

/// The writes whose outcome is not known, as a table or as JSON.
struct PendingView: View {
    var writes: [PendingWrites.Write]

    func lines(on terminal: Terminal) -> [String] {
        guard !writes.isEmpty else { return ["Nothing is pending."] }
        // Most journals know one bank.
        let isOneServer = Set(writes.map(\.intent.server)).count == 1
        let hasUsers = writes.contains { $0.intent.user != nil }
        var table = TextTable(columns: [
            .init(title: "SINCE"), .init(title: "WHAT"), .init(title: "ID"),
            .init(title: hasUsers ? "WHOSE" : "", goesBelow: true),
            .init(title: "DETAIL", goesBelow: true),
            .init(title: isOneServer ? "" : "SERVER", goesBelow: true),
        ])
        for write in writes {
            let intent = write.intent
            table.append([
                intent.time.forPeople, intent.write.kind,
                intent.write.ids.first.map { "\($0)" } ?? "",
                intent.user?.shortened(toColumns: 32) ?? "", intent.write.detail,
                isOneServer ? "" : intent.server.shortened(toColumns: 60),
            ])
        }
        return table.lines(on: terminal)
    }

    func json() throws(TellerError) -> String {
        try JSONText.array(writes.map(\.intent))
    }
}

extension BankWrite {
    /// What it is about, for people.
    var detail: String {
        switch self {
        case .transfer(let request): request.action.detail
        case .linked(let requests): "\(requests.count) transfers, all or none"
        case .open(let request):
            "\(request.overdraftLimit.currency.code) \(request.name)"
                + (request.owner.map { ", of \($0)" } ?? "")
        case .close(let account, _): account.grouped
        case .other: "made by a later version of teller"
        }
    }
}

extension TransferRequest.Action {
    fileprivate var detail: String {
        switch self {
        case .transfer(let debit, let credit, let amount),
            .hold(let debit, let credit, let amount, _):
            "\(amount.forPeople)  \(debit.grouped) → \(credit.grouped)"
        case .deposit(let credit, let amount): "\(amount.forPeople) → \(credit.grouped)"
        case .withdrawal(let debit, let amount): "\(amount.forPeople)  \(debit.grouped) →"
        case .post(let hold, let amount):
            "\(amount.map { "\($0.forPeople) of " } ?? "")hold \(hold)"
        case .void(let hold): "hold \(hold)"
        case .reversal(let transfer): "of \(transfer)"
        }
    }
}
