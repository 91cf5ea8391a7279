public import BankAPI
public import Ledger

extension BankClient {
    /// Has the invariants of the whole ledger checked.
    public func audit() async throws(BankClientError) -> AuditReport {
        let report = try await get(BankRoute.audit, as: AuditReport.self).value
        guard !report.invariants.isEmpty else { throw notABank("its audit checks nothing") }
        return report
    }

    /// Reads the transfers that there are under ids, at most ``TransferLookup/limit`` of them.
    public func lookUp(_ ids: [Identifier]) async throws(BankClientError) -> TransferLookupAnswer {
        let answer = try await query(
            BankRoute.transferLookup, TransferLookup(ids: ids), as: TransferLookupAnswer.self
        ).value
        guard answer.transfers.allSatisfy({ ids.contains($0.id) }) else {
            throw notABank("it is about other transfers")
        }
        return answer
    }
}
