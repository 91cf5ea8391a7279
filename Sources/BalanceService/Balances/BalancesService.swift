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
    let logger: Logger

    func getBalances(
        request: ServerRequest<Teller_Balance_V1_BalancesRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_BalancesResponse> {
        let call = CallContext(request.metadata, method: context.descriptor.method)
        let queries = request.message.queries
        guard queries.count <= BalanceLimits.queries else {
            throw BalanceErrorReason.tooManyQueries.status(
                "\(queries.count) queries; a request may hold \(BalanceLimits.queries)")
        }
        try refuseExpired(call)
        let batch = QueryBatch(queries, of: call)
        var share: BalanceReader.Share?
        if !batch.wantedIDs.isEmpty {
            share = try await answering(call) {
                try await reader.accounts(withIDs: batch.wantedIDs, deadline: batch.deadline)
            }
        }
        let outcomes = batch.outcomes(share?.accounts ?? [:])
        logSampled(queries, call)
        return ServerResponse(
            message: .with { $0.outcomes = outcomes },
            trailingMetadata: call.isSampled ? timing(of: call, batch, share) : [:])
    }

    func listAccounts(
        request: ServerRequest<Teller_Balance_V1_ListAccountsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_ListAccountsResponse> {
        let call = CallContext(request.metadata, method: context.descriptor.method)
        let page = try AccountsPageRequest(request.message)
        try refuseExpired(call)
        let databaseStart = ContinuousClock.now
        // One more than the page holds tells whether there is a next one.
        var rows = try await answering(call) {
            try await store.customerAccounts(
                after: page.after, currency: page.currency, count: page.size + 1,
                deadline: call.deadline)
        }
        let databaseTime = databaseStart.duration(to: .now)
        var response = Teller_Balance_V1_ListAccountsResponse()
        if rows.count > page.size {
            rows.removeLast(rows.count - page.size)
            response.nextPageToken = rows.last.map { PageToken(lastID: $0.id).text } ?? ""
        }
        response.accounts = try rows.map { row in
            let number = try answeringInternal(call) {
                try AccountNumber(bank: row.bank, number: row.id)
            }
            return Teller_Balance_V1_Account(row, number: number.compact)
        }
        let metrics = call.timing(
            detail: "accounts (a page of \(rows.count))", databaseTime: databaseTime,
            statement: "SELECT ... ORDER BY id LIMIT $4")
        return ServerResponse(message: response, trailingMetadata: call.isSampled ? metrics : [:])
    }

    /// What nobody waits for any more is not worth a question to the database.
    private func refuseExpired(_ call: CallContext) throws {
        guard call.deadline.hasPassed else { return }
        throw call.status(for: BatcherError.deadlineExceeded, logger: logger)
    }

    private func timing(
        of call: CallContext, _ batch: QueryBatch, _ share: BalanceReader.Share?
    ) -> Metadata {
        let count = batch.wantedIDs.count
        return call.timing(
            detail: "balances (\(count) of \(share?.batchSize ?? count) in its batch)",
            databaseTime: share?.databaseTime, statement: "SELECT ... WHERE id = ANY ($1)")
    }

    /// Logs a line for each caller whose trace is sampled, so that a trace is found in every tier.
    private func logSampled(_ queries: [Teller_Balance_V1_BalanceQuery], _ call: CallContext) {
        guard call.isSampled else { return }
        for query in queries {
            guard let trace = TraceContext(query.traceparent) else { continue }
            logger.info("balance read", metadata: call.metadata(for: trace))
        }
    }

    /// Turns what went wrong behind this tier into what a caller may know; the log has the rest.
    private func answering<Result>(
        _ call: CallContext, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch {
            throw call.status(for: error, logger: logger)
        }
    }

    private func answeringInternal<Result>(
        _ call: CallContext, _ body: () throws -> Result
    ) throws -> Result {
        do { return try body() } catch { throw call.status(for: error, logger: logger) }
    }
}
