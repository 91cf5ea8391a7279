public import BankAPI
import Ledger

// Whether an answer is about the request: the only place that says so. One about anything else tells
// nothing of the request's outcome.
extension AnswerReader {
    /// The outcome of a request, by the transfer that the bank answers with.
    func result(
        _ transfer: Transfer, of request: TransferRequest
    ) -> Written<Transfer> {
        guard let record = transfer.record, request.isRecorded(as: record) else {
            return .unknown(notABank("it is about another transfer"))
        }
        guard let refusal = transfer.refusal else { return .done(Transfer(record)) }
        let code = ProblemCode(rawValue: refusal)
        return .refused(code, BankClientError(.refused(code)))
    }

    /// The outcome of each transfer of a batch, in order; of a linked one as of a whole, where that is
    /// not known or nothing was done.
    func results(
        _ answer: TransferBatchAnswer, of requests: [TransferRequest], areLinked: Bool
    ) -> [Written<Transfer>] {
        guard answer.outcomes.count == requests.count else {
            let error = notABank("it has an outcome too many, or too few")
            return requests.map { _ in .unknown(error) }
        }
        let results = zip(answer.outcomes, requests).map { outcome, request in
            result(outcome, of: request)
        }
        guard areLinked else { return results }
        switch WriteResult.together(results) {
        case .done, .refused, .nothingDone(.idUsedWithOtherContent, _): return results
        case .nothingDone(let code, let error):
            return results.map { _ in .nothingDone(code, error) }
        case .unknown(let error): return results.map { _ in .unknown(error) }
        }
    }

    private func result(
        _ outcome: TransferBatchAnswer.Outcome, of request: TransferRequest
    ) -> Written<Transfer> {
        if let problem = outcome.problem { return result(problem) }
        guard let transfer = outcome.transfer else {
            return .unknown(notABank("it has an outcome that cannot be read"))
        }
        return result(transfer, of: request)
    }

    /// The outcome of opening an account, by the one that the bank answers with.
    func result(_ account: Account, opening request: OpenAccount) -> Written<Account> {
        request.isRecorded(as: account) ? .done(account) : .unknown(notABank(Self.otherAccount))
    }

    /// The outcome of closing an account, by the one that the bank answers with.
    func result(_ account: Account, closing number: AccountNumber) -> Written<Account> {
        account.account == number && account.closedAt != nil
            ? .done(account) : .unknown(notABank(Self.otherAccount))
    }

    private static let otherAccount = "it is about another account"
}

extension OpenAccount {
    /// Whether an account is as requested.
    public func isRecorded(as account: Account) -> Bool {
        account.name.utf8.elementsEqual(name.description.utf8)
            && account.overdraftLimit == overdraftLimit
            && account.balance.currency == overdraftLimit.currency
    }
}

extension WriteResult where Value == Transfer, Failure == BankClientError {
    /// The outcome of a group as one: no bank does a part of it.
    public static func together(_ results: [Self]) -> Written<[Transfer]> {
        var done: [Transfer] = []
        var refusals: [(code: ProblemCode, error: BankClientError)] = []
        var nothing: Written<[Transfer]>?
        for result in results {
            switch result {
            case .done(let transfer): done.append(transfer)
            case .refused(let code, let error): refusals.append((code, error))
            case .nothingDone(.idUsedWithOtherContent, let error):
                refusals.append((.idUsedWithOtherContent, error))
            case .nothingDone(let code, let error):
                nothing = nothing ?? .nothingDone(code, error)
            case .unknown(let error): return .unknown(error)
            }
        }
        if done.count == results.count { return .done(done) }
        guard done.isEmpty else {
            return .unknown(
                BankClientError(.partlyDone(done.count, of: results.count)))
        }
        if let nothing { return nothing }
        // The one that the others were refused for comes first.
        let refusal = refusals.first { $0.code != .linkedRefused } ?? refusals.first
        guard let refusal else { return .done([]) }
        return refusal.code == .idUsedWithOtherContent
            ? .nothingDone(refusal.code, refusal.error) : .refused(refusal.code, refusal.error)
    }
}
