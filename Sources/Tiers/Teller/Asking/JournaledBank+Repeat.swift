import BankAPI
import BankClient
import Ledger

// Whether what is asked under a given id was done before: asked only to say so.
extension JournaledBank {
    /// When a transfer was done before; `nil` when it was not, or nobody can tell.
    func earlier(_ request: TransferRequest) async -> String? {
        guard let found = try? await client.transfer(request.id), found.isDone,
            let record = found.record, request.isRecorded(as: record)
        else { return nil }
        return "it was done before, on \(record.createdAt.forPeople), and not again"
    }

    /// Whether this client's journal has it as done.
    func hasDone(_ write: BankWrite) async -> Bool {
        guard let (writes, _) = try? await journal.writes(of: ledger) else { return false }
        return writes.writes[write]?.settled == .acknowledged
    }
}
