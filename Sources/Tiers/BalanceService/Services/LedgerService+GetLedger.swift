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
            let rows = try await pools.reading.read(
                [LedgerIdentity.query, Person.demoQuery], deadline: call.deadline)
            let identity = try LedgerIdentity(rows[0], bank: bank)
            let hasDemoPeople: Bool = try rows[1].first?.decode(at: 0) ?? true
            return .with {
                $0.ledger = Data(identity.id.bytes)
                $0.bank = identity.bank
                $0.demoPeople = hasDemoPeople
            }
        }
    }
}
