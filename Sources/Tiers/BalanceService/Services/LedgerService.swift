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
    let pools: ServicePools
    let askers: Askers
    let logger: Logger

    func submitTransfers(
        request: ServerRequest<Teller_Balance_V1_SubmitTransfersRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_SubmitTransfersResponse> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        return ServerResponse(try await answer(request.message, call))
    }

    func streamTransfers(
        request: StreamingServerRequest<Teller_Balance_V1_TransfersBatch>, context: ServerContext
    ) async throws -> StreamingServerResponse<Teller_Balance_V1_TransfersBatchAnswer> {
        BatchStream(status: status, logger: logger, answer: answer).serve(request, context)
    }

    /// Answers a batch, in whichever way it came.
    ///
    /// - Throws: `GoogleRPCStatus`.
    private func answer(
        _ request: Teller_Balance_V1_SubmitTransfersRequest, _ call: ServedCall
    ) async throws -> BatchAnswer<Teller_Balance_V1_SubmitTransfersResponse> {
        let groups = request.groups
        try SubmittedGroups.checkSize(groups)
        let call = try call.begin(groups.lazy.map(\.context), logger: logger)
        let latest = groups.lazy.map { call.deadline(ofMember: $0.context.timeoutMicroseconds) }
            .max()
        let (identity, callers): (LedgerIdentity, CallerSessions)
        do {
            (identity, callers) = try await call.answering(logger: logger) {
                let deadline = latest ?? call.deadline
                return (
                    try await ledger.identity(deadline: deadline),
                    try await askers.callers(request.callers, deadline: deadline)
                )
            }
        } catch let status as GoogleRPCStatus where status.code == .deadlineExceeded {
            // Nothing was begun, and each is told so.
            let outcomes = groups.map { _ in
                Teller_Balance_V1_GroupOutcome.with { $0.failure = .deadlineExceeded }
            }
            return BatchAnswer(response: .with { $0.groups = outcomes })
        }
        let submitted = try SubmittedGroups(groups, of: call, callers, at: identity)
        let share = try await post(submitted.wanted, call)
        let outcomes = try await call.answering(logger: logger) {
            try submitted.outcomes(share?.results ?? [])
        }
        for (group, outcome) in zip(groups, outcomes) where outcome.movesNothing {
            // A session may have ended since it was found.
            let isSignedOut = outcome.failure == .unauthenticated
            askers.note(
                group.context, among: request.callers,
                isSignedOut ? nil : callers[group.context.caller],
                isOfRights: outcome.isOfRights)
        }
        call.logLinks("transfers posted", logger: logger)
        return BatchAnswer(
            response: .with { $0.groups = outcomes },
            timing: call.isSampled ? timing(of: call, submitted, share) : nil)
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
    ) -> ServerTiming {
        let count = submitted.wanted.reduce(0) { $0 + $1.transfers.count }
        return call.timing(
            detail: "transfers (\(count) of \(share?.batchSize ?? count) in its batch)",
            databaseTime: share?.databaseTime,
            statement: "SELECT ... FOR NO KEY UPDATE, INSERT ..., COMMIT")
    }
}

extension Teller_Balance_V1_GroupOutcome {
    /// Whether it was refused, or asked for without a session: it tells something, and costs nothing.
    fileprivate var movesNothing: Bool {
        if failure == .unauthenticated { return true }
        return outcomes.contains { if case .refused = $0.outcome { true } else { false } }
    }

    private static let refusalsOfRights = Set(
        [
            Refusal.accountUnknown, .holdUnknown, .transferUnknown, .forbidden,
            .idUsedWithOtherContent,
        ].map(\.rawValue))

    /// Whether that was because there is no such thing, or not for whoever asked.
    fileprivate var isOfRights: Bool {
        failure == .unauthenticated
            || outcomes.contains { Self.refusalsOfRights.contains($0.refused) }
    }
}
