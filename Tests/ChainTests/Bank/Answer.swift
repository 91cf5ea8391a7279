import BankAPI
import Foundation
import Ledger
import TestSupport

/// What one try told about one request.
enum Answer: Sendable, Hashable {
    case done(RecordedTransfer)
    /// By the ledger; kept under the id.
    case refused(ProblemCode)
    /// It may or may not have been done.
    case unknown(String)
    /// The bank says: this try did nothing.
    case notDone(String)
    /// What no correct bank answers, whatever is killed.
    case wrong(String)

    /// Done or refused: a repeat is to be answered the same.
    var isDefinite: Bool {
        switch self {
        case .done, .refused: true
        case .unknown, .notDone, .wrong: false
        }
    }

    /// What a tier may say of its own trouble, and that of those behind it.
    private static let troubles: Set<ProblemCode> = [
        .overloaded, .deadlineExceeded, .balanceServiceUnavailable, .databaseUnavailable,
    ]

    init(_ problem: Problem) {
        switch problem.code {
        case .outcomeUnknown: self = .unknown(problem.detail)
        case let code where Self.troubles.contains(code): self = .notDone(code.rawValue)
        case let code where code.refusal != nil: self = .refused(code)
        case let code: self = .wrong("\(code.rawValue): \(problem.detail)")
        }
    }

    /// The answers to the requests of one submission, in order.
    static func answers(to submission: Submission, in reply: Reply) -> [Answer] {
        let all = { (answer: Answer) in submission.requests.map { _ in answer } }
        switch reply {
        case .notSent(let why): return all(.notDone(why))
        case .lost(let why), .cut(let why): return all(.unknown(why))
        case .answered(let answer):
            do {
                return try decode(answer, submission) ?? all(Answer(answer.problem()))
            } catch {
                return all(.wrong("\(answer.status) \(answer.body): \(error)"))
            }
        }
    }

    private static func of(_ transfer: Transfer) -> Answer {
        transfer.record.map { .done($0) } ?? .wrong("a transfer of no kind that is known")
    }

    /// - Returns: nil when it is a problem.
    private static func decode(_ answer: HTTPAnswer, _ submission: Submission) throws -> [Answer]? {
        guard (200..<300).contains(answer.status) else { return nil }
        let body = Data(answer.body.utf8)
        guard submission.isBatch else {
            return [Self.of(try BankJSON.decoder().decode(Transfer.self, from: body))]
        }
        let outcomes = try BankJSON.decoder().decode(TransferBatchAnswer.self, from: body).outcomes
        guard outcomes.count == submission.requests.count else {
            throw TestFailure("\(outcomes.count) outcomes")
        }
        return outcomes.map { outcome in
            if let transfer = outcome.transfer { return of(transfer) }
            return outcome.problem.map { Answer($0) } ?? .wrong("an outcome of nothing")
        }
    }
}

extension HTTPAnswer {
    func problem() throws -> Problem {
        try BankJSON.decoder().decode(Problem.self, from: Data(body.utf8))
    }
}
