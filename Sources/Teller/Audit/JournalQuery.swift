import BankAPI
import Ledger

/// Looks up in the ledger what the journal says of it.
struct JournalQuery: Sendable {
    let client: BankClient
    let journal: Journal

    /// - Throws: ``TellerError``, also when another ledger answers than the one that was audited.
    func run(_ ledger: Identifier) async throws(TellerError) -> JournalAudit {
        // Read before it is looked up: what it has by now, the ledger has as well.
        let (journalled, damage) = try await journal.writes(of: ledger)
        var audit = JournalAudit()
        audit.ofOtherLedgers = journalled.ofOtherLedgers
        audit.ofAccounts = journalled.ofAccounts
        audit.unreadableLines = damage.map(\.line)
        let writes = journalled.writes.values.sorted { $0.order < $1.order }
        var chunk: [JournalWrites.Write] = []
        var ids = 0
        for write in writes {
            if ids + write.requests.count > TransferLookup.limit, !chunk.isEmpty {
                try await check(chunk, ledger, &audit)
                (chunk, ids) = ([], 0)
            }
            chunk.append(write)
            ids += write.requests.count
        }
        if !chunk.isEmpty { try await check(chunk, ledger, &audit) }
        return audit
    }

    private func check(
        _ writes: [JournalWrites.Write], _ ledger: Identifier, _ audit: inout JournalAudit
    ) async throws(TellerError) {
        let ids = Set(writes.flatMap(\.requests).map(\.id)).sorted()
        let answer = try await client.lookUp(ids)
        guard answer.ledger == ledger else {
            throw TellerError(
                .unavailable, "the ledger was exchanged while it was audited",
                at: .hop1(client.address), advice: "audit again")
        }
        let records = Dictionary(grouping: answer.transfers.map(\.record), by: \.id)
        for write in writes { audit.check(write, records) }
    }
}

extension JournalWrites.Write {
    /// Ids that clients make sort by time.
    fileprivate var order: Identifier { requests.first?.id ?? Identifier(high: 0, low: 0) }
}
