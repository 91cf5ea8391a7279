import BalanceAPI
import Chain
import GRPCCore
import Ledger
import SwiftProtobuf

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension LedgerService {
    func runAudit(
        request: ServerRequest<Teller_Balance_V1_RunAuditRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_RunAuditResponse> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        return try await answer(
            call, context, detail: "audit", statement: "sql/audit.sql"
        ) {
            _ = try await askers.caller(
                request.message.caller, for: .audit, deadline: call.deadline)
            let (ledger, invariants) = try await auditor.audit(deadline: call.deadline)
            return .with {
                $0.ledger = Data(ledger.bytes)
                $0.invariants = invariants.map { .init($0) }
            }
        }
    }
}

extension Teller_Balance_V1_RunAuditResponse.Invariant {
    fileprivate init(_ invariant: AuditedInvariant) {
        self.init()
        name = invariant.name
        counted = invariant.counted
        broken = invariant.broken
        example = invariant.example ?? ""
    }
}
