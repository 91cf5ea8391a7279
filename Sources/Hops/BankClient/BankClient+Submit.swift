public import BankAPI
public import Ledger

// Each asks for a write, and again as ``Retry`` allows. Any other ledger refuses it.
extension BankClient {
    public func submit(_ request: TransferRequest, ledger: Identifier) async -> Written<Transfer> {
        let body = TransferSubmission(request, ledger: ledger)
        return await write(BankRoute.transfers, body, as: Transfer.self)
            .flatMap { reader.result($0, of: request) }
    }

    /// Asks for several transfers in one request, at most ``TransferBatch/limit``.
    ///
    /// - Parameter areLinked: whether to do all of them or none.
    /// - Returns: the outcome of each, in order.
    public func submit(
        _ requests: [TransferRequest], areLinked: Bool, ledger: Identifier
    ) async -> [Written<Transfer>] {
        let batch = TransferBatch(ledger: ledger, atomic: areLinked, transfers: requests)
        switch await write(BankRoute.transferBatch, batch, as: TransferBatchAnswer.self) {
        case .done(let answer):
            return reader.results(answer, of: requests, areLinked: areLinked)
        case .refused(let code, let error): return requests.map { _ in .refused(code, error) }
        case .nothingDone(let code, let error):
            return requests.map { _ in .nothingDone(code, error) }
        case .unknown(let error): return requests.map { _ in .unknown(error) }
        }
    }

    public func open(_ request: OpenAccount, ledger: Identifier) async -> Written<Account> {
        var request = request
        request.ledger = ledger
        return await write(BankRoute.accounts, request, as: Account.self).keptRefusal
            .flatMap { [request] in reader.result($0, opening: request) }
    }

    public func close(
        _ number: AccountNumber, id: Identifier, ledger: Identifier
    ) async -> Written<Account> {
        let body = CloseAccount(id: id, ledger: ledger)
        return await write(BankRoute.close(number), body, as: Account.self).keptRefusal
            .flatMap { reader.result($0, closing: number) }
    }
}

extension WriteResult {
    /// Of accounts the ledger does not keep that somebody may not ask: who may is answered otherwise.
    fileprivate var keptRefusal: Self {
        guard case .refused(.forbidden, let error) = self else { return self }
        return .nothingDone(.forbidden, error)
    }
}
