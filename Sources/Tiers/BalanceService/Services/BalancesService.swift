import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Ledger
import Logging
import Postgres
import SwiftProtobuf

/// `teller.balance.v1.Balances`: hop 2's server side.
struct BalancesService: Teller_Balance_V1_Balances.ServiceProtocol {
    let reader: BalanceReader
    let store: AccountStore
    let history: BalanceHistory
    let askers: Askers
    let status: ServingStatus
    let logger: Logger

    func getBalances(
        request: ServerRequest<Teller_Balance_V1_BalancesRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_BalancesResponse> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        return ServerResponse(try await answer(request.message, call))
    }

    func streamBalances(
        request: StreamingServerRequest<Teller_Balance_V1_BalancesBatch>, context: ServerContext
    ) async throws -> StreamingServerResponse<Teller_Balance_V1_BalancesBatchAnswer> {
        BatchStream(status: status, logger: logger, answer: answer).serve(request, context)
    }

    func listAccounts(
        request: ServerRequest<Teller_Balance_V1_ListAccountsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_ListAccountsResponse> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        let page = try AccountsPageRequest(request.message)
        try call.refuseExpired(logger: logger)
        let databaseStart = ContinuousClock.now
        let asker = try await call.answering(logger: logger) {
            try await askers.caller(request.message.caller, deadline: call.deadline).asker
        }
        let owner = asker.may(.listAccounts) ? nil : asker.name
        // One more than the page holds tells whether there is a next one.
        var rows = try await call.answering(logger: logger) {
            try await call.whileWanted(context, status) {
                try await store.customerAccounts(
                    after: page.after, currency: page.currency, owner: owner,
                    count: page.size + 1, deadline: call.deadline)
            }
        }
        let databaseTime = databaseStart.duration(to: .now)
        var response = Teller_Balance_V1_ListAccountsResponse()
        if rows.count > page.size {
            rows.removeLast(rows.count - page.size)
            response.nextPageToken = rows.last.map { PageToken(lastID: $0.id).text } ?? ""
        }
        response.accounts = try rows.map { row in
            do { return try .init(row) } catch { throw call.status(for: error, logger: logger) }
        }
        let timing = call.timing(
            detail: "accounts (a page of \(rows.count))", databaseTime: databaseTime,
            statement: "SELECT ... ORDER BY id LIMIT $4")
        return ServerResponse(
            BatchAnswer(response: response, timing: call.isSampled ? timing : nil))
    }

    /// Answers a batch, in whichever way it came.
    ///
    /// - Throws: `GoogleRPCStatus`.
    private func answer(
        _ request: Teller_Balance_V1_BalancesRequest, _ call: ServedCall
    ) async throws -> BatchAnswer<Teller_Balance_V1_BalancesResponse> {
        let queries = request.queries
        guard queries.count <= BalanceLimits.queries else {
            throw BalanceErrorReason.tooManyQueries.status(
                "\(queries.count) queries; a request may hold \(BalanceLimits.queries)")
        }
        let call = try call.begin(queries.lazy.map(\.context), logger: logger)
        let callers = try await call.answering(logger: logger) {
            try await askers.callers(
                request.callers,
                deadline: queries.lazy.map {
                    call.deadline(ofMember: $0.context.timeoutMicroseconds)
                }.max() ?? call.deadline)
        }
        let batch = QueryBatch(queries, of: call, callers)
        var share: BalanceReader.Share?
        if !batch.wantedIDs.isEmpty {
            share = try await call.answering(logger: logger) {
                try await reader.accounts(withIDs: batch.wantedIDs, deadline: batch.deadline)
            }
        }
        let past = try await past(of: batch, call)
        let outcomes = batch.outcomes(share?.accounts ?? [:], past: past.accounts)
        for (query, outcome) in zip(queries, outcomes) where outcome.refusal.isOfRights {
            askers.note(query.context, among: request.callers, callers[query.context.caller])
        }
        call.logLinks("balance read", logger: logger)
        return BatchAnswer(
            response: .with { $0.outcomes = outcomes },
            timing: call.isSampled ? timing(of: call, batch, share, past.time) : nil)
    }

    /// What the batch wants to know of the past, and what it took to read that.
    private func past(
        of batch: QueryBatch, _ call: ServedCall
    ) async throws -> (accounts: [PastAccount: AccountRow], time: Duration?) {
        guard !batch.pastAccounts.isEmpty else { return ([:], nil) }
        let start = ContinuousClock.now
        let accounts = try await call.answering(logger: logger) {
            try await history.accounts(batch.pastAccounts, deadline: batch.deadline)
        }
        return (accounts, start.duration(to: .now))
    }

    private func timing(
        of call: ServedCall, _ batch: QueryBatch, _ share: BalanceReader.Share?,
        _ pastTime: Duration?
    ) -> ServerTiming {
        if let pastTime, share == nil {
            return call.timing(
                detail: "balances (\(batch.pastAccounts.count) of another time)",
                databaseTime: pastTime, statement: "SELECT ... FROM teller.entries")
        }
        let count = batch.wantedIDs.count
        return call.timing(
            detail: "balances (\(count) of \(share?.batchSize ?? count) in its batch)",
            databaseTime: share.map { $0.databaseTime + (pastTime ?? .zero) },
            statement: "SELECT ... WHERE id = ANY ($1)")
    }
}

extension Teller_Balance_V1_Refusal {
    /// Whether there is no such thing for whoever asked.
    fileprivate var isOfRights: Bool { code == .accountUnknown || code == .unauthenticated }
}
