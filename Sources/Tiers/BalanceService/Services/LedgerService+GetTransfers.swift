import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Ledger
import Postgres
import SwiftProtobuf

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension LedgerService {
    func getTransfers(
        request: ServerRequest<Teller_Balance_V1_GetTransfersRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_GetTransfersResponse> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        guard request.message.ids.count <= BalanceLimits.transfers else {
            throw BalanceErrorReason.tooManyQueries.status(
                "\(request.message.ids.count) ids; a request may hold \(BalanceLimits.transfers)")
        }
        let ids = try request.message.ids.map { try readID($0, "an id") }
        return try await answer(
            call, context, detail: "transfers (\(ids.count))",
            statement: "SELECT ... WHERE id = ANY ($1)"
        ) {
            let rows = try await pools.settling.readToSettle(
                [LedgerIdentity.query, PostingStatements.recorded(ids)], deadline: call.deadline
            ) { !$0[1].isEmpty }
            let identity = try LedgerIdentity(rows.first, bank: bank)
            return try .with {
                $0.ledger = Data(identity.id.bytes)
                $0.transfers = try rows[1].map {
                    .init(try RecordedTransfer($0, bank: identity.bank))
                }
            }
        }
    }
}
