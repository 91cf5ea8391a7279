import BankAPI
import BankClient
import Chain
import Ledger

/// Balances as a table, with or without their waterfalls, or as JSON.
struct BalanceView: View {
    var answers: [Answer<Balance>]
    var isExplained: Bool

    private static let request = "GET \(BankRoute.accounts)/{account}/balance"

    func lines(on terminal: Terminal) -> [String] {
        var table = TextTable(columns: [
            .init(title: "Account"), .init(title: "Name", isElastic: true),
            .init(title: "Currency"), .init(title: "Balance", isRightAligned: true),
            .init(title: "Held", isRightAligned: true, goesBelow: true),
            .init(title: "Available", isRightAligned: true, goesBelow: true),
            .init(title: "Closed", goesBelow: true),
        ])
        for balance in answers.map(\.value) {
            // What is held and what is not, where there is a difference.
            let held = balance.held.flatMap { $0.minorUnits == 0 ? nil : $0 }
            let available = held.flatMap { _ in balance.available }
            table.append([
                balance.account.grouped, balance.name.shortened(toColumns: 200),
                balance.balance.currency.code, balance.balance.formatted,
                held.map { "\($0.formatted) held" } ?? "",
                available.map { "\($0.formatted) available" } ?? "",
                balance.closedAt?.closedDay ?? "",
            ])
        }
        let groups = table.groups(on: terminal)
        guard isExplained else { return groups.flatMap(\.self) }
        let style = terminal.style
        return Array(
            zip(groups, answers).map { row, answer in
                let waterfall = Waterfall(
                    request: Self.request, total: answer.took, timing: answer.timing)
                return row.map { style(.bold, $0) } + [""]
                    + waterfall.lines(columns: terminal.drawingColumns, style: style)
            }.joined(separator: [""]))
    }

    func json() throws(TellerError) -> String {
        guard isExplained else { return try JSONText.array(answers.map(\.value)) }
        return try JSONText.array(answers.map { Members($0.value, and: Explanation($0)) })
    }
}

/// How a balance was found, for programs.
private struct Explanation: Encodable {
    struct Timing: Encodable {
        var tier: String
        var detail: String
        var microseconds: Int64
    }

    let traceID: String
    let timings: [Timing]

    enum CodingKeys: String, CodingKey {
        case timings
        case traceID = "trace_id"
    }

    init(_ answer: Answer<Balance>) {
        traceID = answer.trace.traceIDText
        let tiers = answer.timing.metrics.prefix(Waterfall.mostTiers)
        let own = ServerTiming.Metric(name: "teller", duration: answer.took, detail: "")
        timings = ([own] + tiers).map {
            Timing(
                tier: $0.name, detail: $0.detail, microseconds: $0.duration.wholeMicroseconds)
        }
    }
}
