import BankAPI
import Ledger

/// What the bank answers when a ``BankWrite`` was done.
enum WriteReceipt: Sendable, Hashable {
    case transfer(Transfer)
    case linked([Transfer])
    case account(Account)

    /// The account that was opened or closed.
    var account: AccountNumber? {
        if case .account(let account) = self { account.account } else { nil }
    }
}

// Each asks for a write, and again as ``WriteRetry`` allows. Any other ledger refuses it.
extension BankClient {
    /// Asks for whatever it is.
    func submit(_ write: BankWrite, ledger: Identifier) async -> WriteResult<WriteReceipt> {
        switch write {
        case .transfer(let request):
            await submit(request, ledger: ledger).map(WriteReceipt.transfer)
        case .linked(let requests):
            WriteResult.together(await submit(requests, areLinked: true, ledger: ledger))
                .map(WriteReceipt.linked)
        case .open(let request): await open(request, ledger: ledger).map(WriteReceipt.account)
        case .close(let number, let id):
            await close(number, id: id, ledger: ledger).map(WriteReceipt.account)
        case .other: .unknown(.ofLaterTeller)
        }
    }

    func submit(_ request: TransferRequest, ledger: Identifier) async -> WriteResult<Transfer> {
        let body = TransferSubmission(request, ledger: ledger)
        return await write(BankRoute.transfers, body, as: ReceivedTransfer.self)
            .flatMap { reader.result($0, of: request) }
    }

    /// Asks for several transfers in one request, at most ``TransferBatch/limit``.
    ///
    /// - Parameter areLinked: whether to do all of them or none.
    /// - Returns: what came of each, in order.
    func submit(
        _ requests: [TransferRequest], areLinked: Bool, ledger: Identifier
    ) async -> [WriteResult<Transfer>] {
        let batch = TransferBatch(ledger: ledger, atomic: areLinked, transfers: requests)
        switch await write(BankRoute.transferBatch, batch, as: ReceivedBatch.self) {
        case .done(let answer):
            return reader.results(answer, of: requests, areLinked: areLinked)
        case .refused(let code, let error): return requests.map { _ in .refused(code, error) }
        case .nothingDone(let code, let error):
            return requests.map { _ in .nothingDone(code, error) }
        case .unknown(let error): return requests.map { _ in .unknown(error) }
        }
    }

    func open(_ request: OpenAccount, ledger: Identifier) async -> WriteResult<Account> {
        var request = request
        request.ledger = ledger
        return await write(BankRoute.accounts, request, as: Account.self)
            .flatMap { [request] in reader.result($0, opening: request) }
    }

    func close(
        _ number: AccountNumber, id: Identifier, ledger: Identifier
    ) async -> WriteResult<Account> {
        let body = CloseAccount(id: id, ledger: ledger)
        return await write(BankRoute.close(number), body, as: Account.self)
            .flatMap { reader.result($0, closing: number) }
    }
}
