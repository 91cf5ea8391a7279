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
            let caller = request.message.caller
            let session = try await askers.caller(caller, deadline: call.deadline)
            let rows = try await pools.settling.readToSettle(
                [
                    LedgerIdentity.query, PostingStatements.recorded(ids),
                    PostingStatements.owners(ids),
                ], deadline: call.deadline
            ) { try !shown($0, to: session.asker).isEmpty }
            let identity = try LedgerIdentity(rows.first, bank: bank)
            let found = try shown(rows, to: session.asker)
            // One that is not hers, and one that there is not: neither tells which it was.
            if found.count < Set(ids).count { askers.tries.note(session, Origin(caller)) }
            return .with {
                $0.ledger = Data(identity.id.bytes)
                $0.transfers = found.map { .init($0) }
            }
        }
    }
}

extension LedgerService {
    /// What is the asker's to see.
    private func shown(_ rows: [PostgresRows], to asker: Asker) throws -> [RecordedTransfer] {
        let identity = try LedgerIdentity(rows.first, bank: bank)
        let owners = try AccountOwners(rows[2])
        return try rows[1].compactMap { row in
            owners.shown(try RecordedTransfer(row, bank: identity.bank), to: asker)
        }
    }
}

/// Whose the accounts of some transfers are.
private struct AccountOwners {
    private var owners: [Int64: UserName] = [:]

    init(_ rows: PostgresRows) throws {
        for row in rows {
            let (id, name) = try row.decode((Int64, String).self)
            owners[id] = UserName(name)
        }
    }

    /// - Returns: `nil` when it is not the asker's to see.
    func shown(_ record: RecordedTransfer, to asker: Asker) -> RecordedTransfer? {
        let payer = record.debit.flatMap { owners[$0.number] }
        let payee = record.credit.flatMap { owners[$0.number] }
        guard record.isReadable(by: asker, payer: payer, payee: payee) else { return nil }
        return record.shown(to: asker, payer: payer, payee: payee)
    }
}
