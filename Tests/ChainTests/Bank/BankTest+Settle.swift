import BankAPI
import Foundation
import Ledger
import TestSupport

extension BankTest {
    /// Repeats what is unknown until it is known.
    func settle(_ history: History) async throws {
        try await eventually { try await bank.isWhole() }
        var connection = BankConnection(bank.address)
        defer { connection.close() }
        let end = ContinuousClock.now + .seconds(60)
        var left = history.unknown()
        while !left.isEmpty, ContinuousClock.now < end {
            for submission in left where ContinuousClock.now < end {
                try await repeatOnce(submission, history, &connection)
            }
            left = history.unknown()
        }
    }

    /// Each is answered as it was before; the checker compares.
    mutating func repeatSome(_ history: History) async throws {
        let all = history.all
        var connection = BankConnection(bank.address)
        defer { connection.close() }
        let settled = all.values.filter { $0.settled != nil }
            .sorted { $0.request.id < $1.request.id }
        for entry in settled.shuffled(using: &random).prefix(200) {
            // Where no poster is right, each repeat may take all of its time.
            if settings.endsEarly, !violations.all.isEmpty { break }
            let submission = history.submission(of: entry, in: all)
            let answers = try await repeatOnce(submission, history, &connection)
            if let answer = answers.first(where: { !$0.isDefinite }) {
                violations.add(.repeats, "\(entry.request.id), while all is well: \(answer)")
            }
        }
    }

    @discardableResult
    private func repeatOnce(
        _ submission: Submission, _ history: History, _ connection: inout BankConnection
    ) async throws -> [Answer] {
        let reply = await connection.send(
            "POST", submission.path, body: try submission.body(), timeout: .seconds(5))
        let answers = Answer.answers(to: submission, in: reply)
        history.record(answers, to: submission)
        return answers
    }

    /// What the killed commands left in their journal.
    func settle(_ teller: TellerBank) async throws {
        let resumed = try await teller.output("resume")
        if resumed.status != 0 { violations.add(.journal, "resume: \(resumed)") }
        let pending = try await teller.output("pending", "--output", "json")
        if pending.status != 0 || pending.output.contains("attempt") {
            violations.add(.journal, "still pending: \(pending)")
        }
        let audit = try await teller.output("audit", "--journal")
        if audit.status != 0 { violations.add(.journal, "audit: \(audit)") }
    }

    /// By psql, and by the chain.
    func audit() async throws {
        let file = projectFolder.appendingPathComponent("sql/audit.sql")
        let rows = try await TestPostgres.psql(
            bank.database, try String(contentsOf: file, encoding: .utf8))
        let invariants = rows.split(separator: "\n").map {
            $0.split(separator: "|", omittingEmptySubsequences: false)
        }
        for row in invariants where row.count < 3 || row[2] != "0" {
            violations.add(.audit, row.joined(separator: " | "))
        }
        var connection = BankConnection(bank.address)
        defer { connection.close() }
        let reply = await connection.send("GET", BankRoute.audit, timeout: .seconds(60))
        guard case .answered(let answer) = reply, answer.status == 200 else {
            return violations.add(.audit, "no report: \(reply)")
        }
        let report = try BankJSON.decoder().decode(AuditReport.self, from: Data(answer.body.utf8))
        for invariant in report.invariants where invariant.broken != 0 {
            violations.add(.audit, "through the chain: \(invariant)")
        }
        if report.invariants.map(\.name) != invariants.map({ String($0.first ?? "") }) {
            violations.add(.audit, "the chain checks other invariants than sql/audit.sql")
        }
    }
}
