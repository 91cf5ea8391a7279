import BankAPI
import Ledger

/// What the bank answers when a ``BankWrite`` was done.
enum WriteReceipt: Sendable, Hashable {
    case transfer(Transfer)
    case linked([Transfer])
    case account(Account)
}

extension BankClient {
    /// Asks for a write, and again as ``WriteRetry`` allows.
    ///
    /// - Parameter ledger: any other refuses it.
    func submit(_ write: BankWrite, ledger: Identifier) async -> WriteResult<WriteReceipt> {
        switch write {
        case .transfer(let request):
            let body = TransferSubmission(request, ledger: ledger)
            return await self.write(BankRoute.transfers, body, as: Transfer.self)
                .flatMap { receipt($0, for: request) }
        case .linked(let requests):
            let body = TransferBatch(ledger: ledger, atomic: true, transfers: requests)
            return await self.write(BankRoute.transferBatch, body, as: TransferBatchAnswer.self)
                .flatMap { receipt($0, for: requests) }
        case .open(var request):
            request.ledger = ledger
            return await self.write(BankRoute.accounts, request, as: Account.self)
                .flatMap { [request] account in
                    account.name == request.name.description
                        ? .done(.account(account)) : .unknown(otherSubject)
                }
        case .close(let number, let id):
            let body = CloseAccount(id: id, ledger: ledger)
            return await self.write(BankRoute.close(number), body, as: Account.self)
                .flatMap { $0.account == number ? .done(.account($0)) : .unknown(otherSubject) }
        }
    }

    private var otherSubject: TellerError { reader.notABank("it is about something else") }

    private func receipt(
        _ transfer: Transfer, for request: TransferRequest
    ) -> WriteResult<WriteReceipt> {
        guard transfer.record.id == request.id, transfer.record.kind == request.kind else {
            return .unknown(otherSubject)
        }
        if let refusal = transfer.record.refusal {
            let said = refusal.explanation.withoutStop.lowercasedFirst
            return .refused(ProblemCode(refusal), TellerError(.refused, "refused: \(said)"))
        }
        return .done(.transfer(transfer))
    }

    /// All of a group were done, or none.
    private func receipt(
        _ answer: TransferBatchAnswer, for requests: [TransferRequest]
    ) -> WriteResult<WriteReceipt> {
        let outcomes = answer.outcomes
        let transfers = outcomes.compactMap(\.transfer)
        if transfers.map(\.record.id) == requests.map(\.id) { return .done(.linked(transfers)) }
        let problems = outcomes.compactMap(\.problem)
        // The one that the others were refused for comes first.
        guard transfers.isEmpty, problems.count == requests.count,
            let problem = problems.first(where: { $0.code != .linkedRefused })
        else { return .unknown(otherSubject) }
        return reader.result(problem)
    }
}

extension WriteResult {
    func flatMap<Other>(_ transform: (Value) -> WriteResult<Other>) -> WriteResult<Other> {
        switch self {
        case .done(let value): transform(value)
        case .refused(let code, let error): .refused(code, error)
        case .nothingDone(let code, let error): .nothingDone(code, error)
        case .unknown(let error): .unknown(error)
        }
    }
}
