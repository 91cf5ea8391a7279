import BankAPI
import Chain
import Foundation
import Ledger
import TestSupport

/// One caller among many: asks at random, repeats some of what it asked, and keeps the history.
struct BankWorker {
    private var workload: Workload
    private var random: SeededGenerator
    private let history: History
    private let violations: Violations
    private var connection: BankConnection
    private var other: BankConnection

    init(
        _ address: HostAndPort, _ workload: Workload, history: History, violations: Violations
    ) {
        self.workload = workload
        random = self.workload.random.fork()
        self.history = history
        self.violations = violations
        connection = BankConnection(address)
        other = BankConnection(address)
    }

    mutating func run(until stop: Flag) async throws {
        defer {
            connection.close()
            other.close()
        }
        while !stop.isRaised {
            try await ask(workload.next(), stop)
        }
    }

    /// Asks, and most often goes on when no answer came; what it leaves is settled at the end.
    private mutating func ask(_ submission: Submission, _ stop: Flag) async throws {
        history.intend(submission)
        for _ in 0..<4 {
            let answers = try await attempt(submission, twice: random.chance(5))
            guard answers.contains(where: { !$0.isDefinite }) else {
                try await followUp(submission, answers)
                return
            }
            if stop.isRaised || random.chance(40) { return }
            try await Task.sleep(for: random.milliseconds(5...50))
        }
    }

    /// One try, or two of the same at the same time. Some have hardly any time.
    private mutating func attempt(_ submission: Submission, twice: Bool) async throws -> [Answer] {
        let (path, body) = (submission.path, try submission.body())
        let timeout = random.milliseconds(random.chance(30) ? 10...300 : 300...2500)
        let spare = other
        async let second = Self.post(on: twice ? spare : nil, path, body, timeout)
        let first = await connection.send("POST", path, body: body, timeout: timeout)
        var answers = Answer.answers(to: submission, in: first)
        history.record(answers, to: submission)
        if let (used, reply) = await second {
            other = used
            let more = Answer.answers(to: submission, in: reply)
            history.record(more, to: submission)
            answers = zip(answers, more).map { $0.isDefinite ? $0 : $1 }
        }
        return answers
    }

    private static func post(
        on connection: BankConnection?, _ path: String, _ body: [UInt8], _ timeout: Duration
    ) async -> (BankConnection, Reply)? {
        guard var connection else { return nil }
        let reply = await connection.send("POST", path, body: body, timeout: timeout)
        return (connection, reply)
    }

    private mutating func followUp(_ submission: Submission, _ answers: [Answer]) async throws {
        for case .done(let record) in answers { workload.subjects.add(record) }
        if random.chance(5) { _ = try await attempt(submission, twice: false) }
        if random.chance(20), case .done(let record) = answers.first { await readBack(record) }
        if random.chance(3), let request = submission.requests.first {
            try await askOtherwise(request)
        }
    }

    /// The same id for something else: refused, whatever the outcome of the first.
    private mutating func askOtherwise(_ request: TransferRequest) async throws {
        let asked = workload.request()
        let other = Submission(
            requests: [TransferRequest(id: request.id, action: asked.action, memo: asked.memo)])
        let body = try other.body()
        let reply = await connection.send("POST", other.path, body: body, timeout: .seconds(2))
        switch Answer.answers(to: other, in: reply).first {
        case .done(let record): violations.add(.otherContent, "\(request) and \(record)")
        case .refused(let code) where code != .idUsedWithOtherContent:
            violations.add(.otherContent, "\(request.id): \(code.rawValue)")
        case .wrong(let what): violations.add(.answers, what)
        case .refused, .unknown, .notDone, nil: break
        }
    }

    /// What was acknowledged is seen by whoever asks for it.
    private mutating func readBack(_ record: RecordedTransfer) async {
        guard let account = record.debit, let leg = record.debitLeg else { return }
        let query = "\(BankRoute.BalanceQuery.atLeastVersion)=\(leg.version)"
        let path = "\(BankRoute.balance(of: account))?\(query)"
        let reply = await connection.send("GET", path, timeout: .seconds(1))
        guard case .answered(let answer) = reply, answer.status == 200 else { return }
        let body = Data(answer.body.utf8)
        guard let seen = try? BankJSON.decoder().decode(Balance.self, from: body) else {
            return violations.add(.answers, answer.body)
        }
        if seen.version < leg.version
            || (seen.version == leg.version && seen.balance.minorUnits != leg.balanceAfter)
        {
            violations.add(.readYourWrites, "\(record) then \(answer.body)")
        }
    }
}
