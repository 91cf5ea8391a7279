import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Ledger
import Logging
import Postgres
import SwiftProtobuf

/// `teller.balance.v1.Ledger`: hop 2's server side. Each further rpc is in an extension.
struct LedgerService: Teller_Balance_V1_Ledger.ServiceProtocol {
    let poster: TransferPoster
    let ledger: LedgerIdentityReader
    let accounts: AccountStore
    let auditor: Auditor
    let status: ServingStatus
    /// The four letters of the bank, for a database that has no accounts yet.
    let bank: String
    /// For what only reads.
    let pool: PostgresPool
    /// For opening and closing accounts.
    let accountPool: PostgresPool
    /// For look-ups that may wait for a standby.
    let settlingPool: PostgresPool
    let logger: Logger

    func submitTransfers(
        request: ServerRequest<Teller_Balance_V1_SubmitTransfersRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_SubmitTransfersResponse> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        let groups = request.message.groups
        try SubmittedGroups.checkSize(groups)
        try call.refuseExpired(logger: logger)
        let identity = try await call.answering(logger: logger) {
            try await ledger.identity(deadline: call.deadline)
        }
        let submitted = try SubmittedGroups(groups, of: call, at: identity)
        let share = try await post(submitted.wanted, call)
        let outcomes = try await call.answering(logger: logger) {
            try submitted.outcomes(share?.results ?? [])
        }
        logSampled(groups, call)
        return ServerResponse(
            message: .with { $0.groups = outcomes },
            trailingMetadata: call.isSampled ? timing(of: call, submitted, share) : [:])
    }

    private func post(
        _ groups: [PostingGroup], _ call: ServedCall
    ) async throws -> TransferPoster.Share? {
        if groups.isEmpty { return nil }
        do {
            return try await poster.post(groups)
        } catch BatcherError.deadlineExceeded {
            return .init(
                results: groups.map { _ in .deadlineExceeded }, batchSize: 0, databaseTime: .zero)
        } catch {
            throw call.status(for: error, logger: logger)
        }
    }

    private func timing(
        of call: ServedCall, _ submitted: SubmittedGroups, _ share: TransferPoster.Share?
    ) -> Metadata {
        let count = submitted.wanted.reduce(0) { $0 + $1.transfers.count }
        return call.timing(
            detail: "transfers (\(count) of \(share?.batchSize ?? count) in its batch)",
            databaseTime: share?.databaseTime,
            statement: "SELECT ... FOR NO KEY UPDATE, INSERT ..., COMMIT")
    }

    /// Logs a line for each caller whose trace is sampled, so that a trace is found in every tier.
    private func logSampled(_ groups: [Teller_Balance_V1_TransferGroup], _ call: ServedCall) {
        guard call.isSampled, logger.logLevel <= .info else { return }
        for group in groups {
            guard let trace = TraceContext(group.context.traceparent) else { continue }
            logger.info("transfers posted", metadata: call.metadata(for: trace))
        }
    }
}

extension LedgerService {
    func streamTransfers(
        request: StreamingServerRequest<Teller_Balance_V1_TransfersBatch>, context: ServerContext
    ) async throws -> StreamingServerResponse<Teller_Balance_V1_TransfersBatchAnswer> {
        throw RPCError(code: .unimplemented, message: "not yet")
    }
}
