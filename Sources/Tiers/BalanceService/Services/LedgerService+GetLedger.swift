import BalanceAPI
import Chain
import GRPCCore
import Ledger
import Postgres
import SwiftProtobuf

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension LedgerService {
    func getLedger(
        request: ServerRequest<Teller_Balance_V1_GetLedgerRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_GetLedgerResponse> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        return try await answer(call, detail: "ledger", statement: "SELECT ... FROM teller.ledger")
        {
            let rows = try await pools.reading.read(LedgerIdentity.query, deadline: call.deadline)
            let identity = try LedgerIdentity(rows, bank: bank)
            return .with {
                $0.ledger = Data(identity.id.bytes)
                $0.bank = identity.bank
            }
        }
    }
}
