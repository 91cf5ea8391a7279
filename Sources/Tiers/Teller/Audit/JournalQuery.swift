import BankAPI
import BankClient
import Ledger

/// Looks up in the ledger what the journal says of it.
struct JournalQuery: Sendable {
    let client: BankClient
    let journal: Journal

    /// - Throws: ``TellerError``, also when another ledger answers than the one that was audited.
    func run(_ ledger: Identifier) async throws(TellerError) -> JournalAudit {
        // Read before it is looked up: what it has by now, the ledger has as well.
        let (journalled, damage) = try await journal.writes(of: ledger)
        var audit = JournalAudit(of: journalled, damage)
        let writes = journalled.writes.values.sorted { $0.order < $1.order }
        try await checkTransfers(writes.filter { !$0.requests.isEmpty }, ledger, &audit)
        try await checkAccounts(writes.filter(\.requests.isEmpty), ledger, &audit)
        return audit
    }

    private func checkTransfers(
        _ writes: [JournalWrites.Write], _ ledger: Identifier, _ audit: inout JournalAudit
    ) async throws(TellerError) {
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
    }

    /// Reads each account that was opened or closed.
    private func checkAccounts(
        _ writes: [JournalWrites.Write], _ ledger: Identifier, _ audit: inout JournalAudit
    ) async throws(TellerError) {
        for start in stride(from: 0, to: writes.count, by: BankClient.mostAtOnce) {
            let chunk = Array(writes[start..<min(start + BankClient.mostAtOnce, writes.count)])
            let found = await chunk.concurrentMap(atOnce: BankClient.mostAtOnce) { [client] write in
                await client.found(write.subject)
            }
            for (write, account) in zip(chunk, found) { audit.check(write, try account.get()) }
        }
        // These answers do not say which ledger's they are.
        guard !writes.isEmpty else { return }
        try check(try await asking(await client.bank()).ledger, ledger)
    }

    private func check(
        _ writes: [JournalWrites.Write], _ ledger: Identifier, _ audit: inout JournalAudit
    ) async throws(TellerError) {
        let ids = Set(writes.flatMap(\.requests).map(\.id)).sorted()
        let answer = try await asking(await client.lookUp(ids))
        try check(answer.ledger, ledger)
        let records = Dictionary(grouping: answer.transfers, by: \.id)
        for write in writes { audit.check(write, records) }
    }

    private func check(_ found: Identifier, _ ledger: Identifier) throws(TellerError) {
        guard found != ledger else { return }
        throw TellerError(
            .unavailable, "the ledger was replaced while it was audited",
            at: .hop1(client.address), advice: "audit again")
    }
}

extension JournalWrites.Write {
    /// Ids that clients make sort by time.
    fileprivate var order: Identifier { content.ids.first ?? Identifier(high: 0, low: 0) }

    /// The account to look at, where it is known that the bank opened or closed one.
    fileprivate var subject: AccountNumber? {
        guard settled == .acknowledged else { return nil }
        return if case .close(let number, _) = content { number } else { account }
    }
}

extension BankClient {
    /// Reads an account; `nil` where there is none.
    fileprivate func found(_ number: AccountNumber?) async -> Result<Account?, TellerError> {
        guard let number else { return .success(nil) }
        do throws(TellerError) {
            return .success(try await asking(await account(number)))
        } catch {
            return error.status == .noUser ? .success(nil) : .failure(error)
        }
    }
}
