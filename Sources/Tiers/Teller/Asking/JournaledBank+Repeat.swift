import BankAPI
import BankClient
import Ledger

extension JournaledBank {
    /// Says that a write was done before, when it was; `nil` also where nobody can tell. A transfer is
    /// looked up at the bank, anything else in this client's journal.
    func earlier(_ write: BankWrite) async -> String? {
        if case .transfer(let request) = write {
            guard let found = try? await client.transfer(request.id), found.isDone,
                let record = found.record, request.isRecorded(as: record)
            else { return nil }
            return "it was done before, on \(record.createdAt.forPeople), and not again"
        }
        guard let (writes, _) = try? await journal.writes(of: ledger),
            writes.writes[write]?.settled == .acknowledged
        else { return nil }
        return "it was done before, and not again"
    }
}
