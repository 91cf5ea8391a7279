import BankAPI
import BankClient
import Ledger

extension JournaledBank {
    /// - Throws: when somebody else's request with an id of these is pending. Nothing was sent.
    func checkOwner(of write: BankWrite) async throws(TellerError) {
        let pending = try await journal.pending().writes.map(\.intent)
        let other = pending.first {
            $0.ledger == ledger && $0.isOfAnother(than: user)
                && !Set($0.write.ids).isDisjoint(with: write.ids)
        }
        guard let other, let owner = other.user else { return }
        throw .ofAnother(owner, other.write.name)
    }

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
