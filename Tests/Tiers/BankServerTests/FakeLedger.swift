import BalanceAPI
import GRPCCore
import GRPCProtobuf
import Ledger
import SwiftProtobuf
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The ledger behind one fake service or several: it does each id once, and otherwise what a test
/// tells it to.
final class FakeLedger: Sendable {
    /// The outcome of one call.
    enum Behaviour: Sendable {
        case apply
        case refuse(String)
        /// The call fails, with or without an effect.
        case fail(RPCError, applied: Bool)
        /// The stream of the call ends so in place of an answer.
        case endStream(RPCError, applied: Bool)
        case failGroups(Teller_Balance_V1_GroupOutcome.Failure, applied: Bool)
        /// Each group fails in its way.
        case answerGroups([Teller_Balance_V1_GroupOutcome.Failure])
        /// As many outcomes as the groups have, less one.
        case breakContract
    }

    struct State {
        var script: [Behaviour] = []
        var calls: [Teller_Balance_V1_SubmitTransfersRequest] = []
        var records: [Data: Teller_Balance_V1_Transfer] = [:]
        /// In the order of their ids' first effect.
        var applied: [Data] = []
        var opened: [Teller_Balance_V1_OpenAccountRequest] = []
        var closed: [Teller_Balance_V1_CloseAccountRequest] = []
        var statements: [Teller_Balance_V1_GetStatementRequest] = []
        var statementKind = "transfer"
    }

    static let id = Identifier(high: 0x1, low: 0x2)

    let state = Mutex(State())

    /// The next calls do this, one after another; those after them apply.
    func script(_ behaviours: Behaviour...) {
        state.withLock { $0.script = behaviours }
    }

    var calls: [Teller_Balance_V1_SubmitTransfersRequest] { state.withLock { $0.calls } }

    var applied: [Data] { state.withLock { $0.applied } }

    func next() -> Behaviour {
        state.withLock { $0.script.isEmpty ? .apply : $0.script.removeFirst() }
    }

    func apply(_ groups: [Teller_Balance_V1_TransferGroup]) throws
        -> [Teller_Balance_V1_GroupOutcome]
    {
        try state.withLock { state in
            try groups.map { group in
                var outcome = Teller_Balance_V1_GroupOutcome()
                outcome.outcomes = try group.transfers.map { transfer in
                    var outcome = Teller_Balance_V1_TransferOutcome()
                    if state.records[transfer.id] == nil {
                        state.records[transfer.id] = .init(
                            Self.record(of: try transfer.ledgerRequest()))
                        state.applied.append(transfer.id)
                    }
                    outcome.done = state.records[transfer.id] ?? .init()
                    return outcome
                }
                return outcome
            }
        }
    }

    private static func record(of request: TransferRequest) -> RecordedTransfer {
        var record = RecordedTransfer(
            id: request.id, kind: request.kind, memo: request.memo,
            createdAt: Timestamp(microseconds: 1_700_000_000_000_000),
            debitLeg: .init(version: 8, balanceAfter: 111_111),
            creditLeg: .init(version: 3, balanceAfter: 12_345))
        if case .transfer(let debit, let credit, let amount) = request.action {
            record.debit = debit
            record.credit = credit
            record.amount = amount
        }
        return record
    }
}

struct LedgerOf: Teller_Balance_V1_Ledger.ServiceProtocol {
    let fake: FakeBalances

    private var ledger: FakeLedger { fake.ledger }

    func submitTransfers(
        request: ServerRequest<Teller_Balance_V1_SubmitTransfersRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_SubmitTransfersResponse> {
        ServerResponse(
            message: try await answer(request.message, context),
            trailingMetadata: trailing(of: request.metadata))
    }

    func streamTransfers(
        request: StreamingServerRequest<Teller_Balance_V1_TransfersBatch>, context: ServerContext
    ) async throws -> StreamingServerResponse<Teller_Balance_V1_TransfersBatchAnswer> {
        StreamingServerResponse { writer in
            for try await batch in request.messages {
                var answer = Teller_Balance_V1_TransfersBatchAnswer()
                answer.number = batch.number
                do {
                    answer.response = try await self.answer(batch.request, context)
                } catch {
                    answer.error = try batchError(error)
                }
                answer.serverTiming = timing(of: batch.request.groups.map(\.context))
                try await writer.write(answer)
                if fake.isClosing {
                    try await writer.write(.with { $0.closing = true })
                }
            }
            return [:]
        }
    }

    private func answer(
        _ request: Teller_Balance_V1_SubmitTransfersRequest, _ context: ServerContext
    ) async throws -> Teller_Balance_V1_SubmitTransfersResponse {
        let groups = request.groups
        let behaviour = ledger.next()
        ledger.state.withLock { $0.calls.append(request) }
        await fake.pass()
        await fake.pause(in: context, of: "SubmitTransfers")
        var response = Teller_Balance_V1_SubmitTransfersResponse()
        switch behaviour {
        case .apply: response.groups = try ledger.apply(groups)
        case .refuse(let code):
            response.groups = groups.map { group in
                var outcome = Teller_Balance_V1_GroupOutcome()
                outcome.outcomes = group.transfers.map { _ in .with { $0.refused = code } }
                return outcome
            }
        case .fail(let error, let applied):
            if applied { _ = try ledger.apply(groups) }
            throw error
        case .endStream(let status, let applied):
            if applied { _ = try ledger.apply(groups) }
            throw EndOfStream(status: status)
        case .failGroups(let failure, let applied):
            if applied { _ = try ledger.apply(groups) }
            response.groups = groups.map { _ in .with { $0.failure = failure } }
        case .answerGroups(let failures):
            response.groups = failures.map { failure in .with { $0.failure = failure } }
        case .breakContract:
            response.groups = try ledger.apply(groups).map { outcome in
                .with { $0.outcomes = Array(outcome.outcomes.dropLast()) }
            }
        }
        return response
    }

    func getTransfers(
        request: ServerRequest<Teller_Balance_V1_GetTransfersRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_GetTransfersResponse> {
        let transfers = ledger.state.withLock { state in
            request.message.ids.compactMap { state.records[$0] }
        }
        return ServerResponse(
            message: .with {
                $0.transfers = transfers
                $0.ledger = Data(FakeLedger.id.bytes)
            })
    }

    func openAccount(
        request: ServerRequest<Teller_Balance_V1_OpenAccountRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_OpenAccountResponse> {
        ledger.state.withLock { $0.opened.append(request.message) }
        await fake.pass()
        await fake.pause(in: context)
        var response = Teller_Balance_V1_OpenAccountResponse()
        switch ledger.next() {
        case .apply, .answerGroups, .breakContract:
            response.account = fake.account(FakeBalances.known)
        case .refuse(let code): response.refused = code
        case .fail(let error, _), .endStream(let error, _): throw error
        case .failGroups(let failure, _): response.failure = failure
        }
        return ServerResponse(message: response)
    }

    func closeAccount(
        request: ServerRequest<Teller_Balance_V1_CloseAccountRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_CloseAccountResponse> {
        ledger.state.withLock { $0.closed.append(request.message) }
        var response = Teller_Balance_V1_CloseAccountResponse()
        switch ledger.next() {
        case .apply, .answerGroups, .breakContract:
            response.account = fake.account(request.message.account)
            response.account.closedAtMicroseconds = 1_800_000_000_000_000
        case .refuse(let code): response.refused = code
        case .fail(let error, _), .endStream(let error, _): throw error
        case .failGroups(let failure, _): response.failure = failure
        }
        return ServerResponse(message: response)
    }

    func getStatement(
        request: ServerRequest<Teller_Balance_V1_GetStatementRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_GetStatementResponse> {
        ledger.state.withLock { $0.statements.append(request.message) }
        await fake.pause(in: context)
        guard request.message.account != FakeBalances.unknown else {
            throw BalanceErrorReason.accountUnknown.status("no such account")
        }
        return ServerResponse(
            message: .with { response in
                response.account = fake.account(request.message.account)
                response.openingBalance = 100
                response.closingBalance = 123_456
                response.nextPageToken = "next"
                response.entries = [
                    .with {
                        $0.version = 7
                        $0.amount = -500
                        $0.balanceAfter = 123_456
                        $0.postedAtMicroseconds = 1_700_000_000_000_000
                        $0.transfer = Data(FakeLedger.id.bytes)
                        $0.kind = ledger.state.withLock { $0.statementKind }
                        $0.otherAccount = FakeBalances.known
                        $0.memo = "rent"
                    }
                ]
            })
    }

    func runAudit(
        request: ServerRequest<Teller_Balance_V1_RunAuditRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_RunAuditResponse> {
        await fake.pause(in: context)
        return ServerResponse(
            message: .with { response in
                response.ledger = Data(FakeLedger.id.bytes)
                response.invariants = [
                    .with {
                        $0.name = "entries_sum_to_zero"
                        $0.counted = 5
                        $0.broken = 1
                        $0.example = "x"
                    }
                ]
            })
    }

    func getLedger(
        request: ServerRequest<Teller_Balance_V1_GetLedgerRequest>, context: ServerContext
    ) async throws -> ServerResponse<Teller_Balance_V1_GetLedgerResponse> {
        ServerResponse(
            message: .with {
                $0.ledger = Data(FakeLedger.id.bytes)
                $0.bank = "DEMO"
            })
    }
}
