import BankAPI
import BankClient
import Chain
import Ledger

/// Balances as a table, with or without their waterfalls, or as JSON.
struct BalanceView: Sendable {
    var answers: [Answer<Balance>]
    var isExplained: Bool

    private static let request = "GET \(BankRoute.accounts)/{account}/balance"

    func table(on terminal: Terminal) -> String {
        var table = TextTable(columns: [
            .init(title: "Account"), .init(title: "Name", isElastic: true),
            .init(title: "Currency"), .init(title: "Balance", isRightAligned: true),
            .init(title: "Held", isRightAligned: true, goesBelow: true),
            .init(title: "Available", isRightAligned: true, goesBelow: true),
            .init(title: "Closed", goesBelow: true),
        ])
        for answer in answers {
            let balance = answer.value
            table.append(
                [
                    balance.account.grouped, balance.name.shortened(toColumns: 200),
                    balance.balance.currency.code, balance.balance.formatted,
                ] + Self.held(balance) + [balance.closedAt.map(\.closedDay) ?? ""])
        }
        let style = Style(hasColour: terminal.hasColour)
        let groups = table.groups(width: terminal.width, style: style)
        let lines = isExplained ? explained(groups, terminal, style) : groups.flatMap(\.self)
        return lines.joined(separator: "\n") + "\n"
    }

    /// What of the balance is held and what is not, where there is a difference.
    private static func held(_ balance: Balance) -> [String] {
        guard let held = balance.held, held.minorUnits != 0 else { return ["", ""] }
        let available = balance.available.map { "\($0.formatted) available" }
        return ["\(held.formatted) held", available ?? ""]
    }

    /// Each row with its waterfall below.
    private func explained(_ rows: [[String]], _ terminal: Terminal, _ style: Style) -> [String] {
        zip(rows, answers).enumerated().flatMap { index, pair in
            let (row, answer) = pair
            let waterfall = Waterfall(
                request: Self.request, total: answer.took, timing: answer.timing)
            return (index == 0 ? [] : [""]) + row.map { style(.bold, $0) } + [""]
                + waterfall.lines(columns: terminal.drawingColumns, style: style)
        }
    }

    func json() throws(TellerError) -> String {
        isExplained
            ? try JSONText.array(answers.map(ExplainedBalance.init))
            : try JSONText.array(answers.map(\.value))
    }
}

/// A balance and how the answer came about.
private struct ExplainedBalance: Encodable {
    private struct Timing: Encodable {
        var tier: String
        var detail: String
        var microseconds: Int64
    }

    private let balance: Balance
    private let traceID: String
    private let timings: [Timing]

    private enum CodingKeys: String, CodingKey {
        case timings
        case traceID = "trace_id"
    }

    init(_ answer: Answer<Balance>) {
        balance = answer.value
        traceID = answer.trace.traceIDText
        let own = Timing(tier: "teller", detail: "", microseconds: answer.took.wholeMicroseconds)
        timings =
            [own]
            + answer.timing.metrics.prefix(Waterfall.mostTiers).map {
                Timing(
                    tier: $0.name, detail: $0.detail,
                    microseconds: $0.duration.wholeMicroseconds)
            }
    }

    func encode(to encoder: any Encoder) throws {
        try balance.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(traceID, forKey: .traceID)
        try container.encode(timings, forKey: .timings)
    }
}
