import BankAPI
import BankClient
import Ledger

/// How a write ended, in teller's words.
typealias WriteOutcome<Value: Sendable> = WriteResult<Value, TellerError>

/// What the bank answers when a ``BankWrite`` was done.
enum WriteReceipt: Sendable, Hashable, Encodable {
    case transfer(Transfer)
    case linked([Transfer])
    case account(Account)

    var transfer: Transfer? { if case .transfer(let transfer) = self { transfer } else { nil } }
    /// The account that was opened or closed.
    var account: Account? { if case .account(let account) = self { account } else { nil } }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .transfer(let transfer): try transfer.encode(to: encoder)
        case .linked(let transfers): try transfers.encode(to: encoder)
        case .account(let account): try account.encode(to: encoder)
        }
    }
}

extension BankClient {
    func submit(_ write: BankWrite, ledger: Identifier) async -> WriteOutcome<WriteReceipt> {
        let result: Written<WriteReceipt>
        switch write {
        case .transfer(let request):
            result = await submit(request, ledger: ledger).map(WriteReceipt.transfer)
        case .linked(let requests):
            let results = await submit(requests, areLinked: true, ledger: ledger)
            result = WriteResult.together(results).map(WriteReceipt.linked)
        case .open(let request):
            result = await open(request, ledger: ledger).map(WriteReceipt.account)
        case .close(let number, let id):
            result = await close(number, id: id, ledger: ledger).map(WriteReceipt.account)
        case .other: return .unknown(.ofLaterTeller)
        }
        return result.mapFailure(TellerError.init)
    }
}
