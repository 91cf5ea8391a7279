import BalanceAPI
import Foundation
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport

/// The ledger behind one fake service or several: it does each id once, and otherwise what a test
/// tells it to.
@dynamicMemberLookup
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

    struct State: Sendable {
        /// What the next calls do, one after another; those after them apply.
        var script: [Behaviour] = []
        var calls: [Teller_Balance_V1_SubmitTransfersRequest] = []
        var records: [Data: Teller_Balance_V1_Transfer] = [:]
        /// In the order of their ids' first effect.
        var applied: [Data] = []
        var opened: [Teller_Balance_V1_OpenAccountRequest] = []
        var statements: [Teller_Balance_V1_GetStatementRequest] = []
        var statementKind = "transfer"
    }

    static let id = Identifier(high: 0x1, low: 0x2)

    let state = Shared(State())

    subscript<Member: Sendable>(dynamicMember member: WritableKeyPath<State, Member>) -> Member {
        get { state[dynamicMember: member] }
        set { state[dynamicMember: member] = newValue }
    }

    func next() -> Behaviour {
        state.update { $0.script.isEmpty ? .apply : $0.script.removeFirst() }
    }

    func apply(
        _ groups: [Teller_Balance_V1_TransferGroup]
    ) throws -> [Teller_Balance_V1_GroupOutcome] {
        try state.update { state in
            try groups.map { group in
                let done = try group.transfers.map { transfer in
                    let known = state.records[transfer.id]
                    if known == nil { state.applied.append(transfer.id) }
                    let record = try known ?? .init(.sample(of: transfer.ledgerRequest()))
                    state.records[transfer.id] = record
                    return record
                }
                return .with { $0.outcomes = done.map { record in .with { $0.done = record } } }
            }
        }
    }
}

struct LedgerOf: Teller_Balance_V1_Ledger.SimpleServiceProtocol {
    let fake: FakeBalances

    private var ledger: FakeLedger { fake.ledger }

    func submitTransfers(
        request: Teller_Balance_V1_SubmitTransfersRequest, context: ServerContext
    ) async throws -> Teller_Balance_V1_SubmitTransfersResponse {
        throw RPCError(code: .unimplemented, message: "Batches come on streams.")
    }

    func streamTransfers(
        request: RPCAsyncSequence<Teller_Balance_V1_TransfersBatch, any Error>,
        response: RPCWriter<Teller_Balance_V1_TransfersBatchAnswer>, context: ServerContext
    ) async throws {
        for try await batch in request {
            var answer = Teller_Balance_V1_TransfersBatchAnswer()
            answer.number = batch.number
            answer.serverTiming = timing(of: batch.request.groups.map(\.context))
            do {
                answer.response.groups = try await submit(batch.request, context)
            } catch {
                answer.error = try batchError(error)
            }
            try await response.write(answer)
            if fake.isClosing { try await response.write(.with { $0.closing = true }) }
        }
    }

    private func submit(
        _ request: Teller_Balance_V1_SubmitTransfersRequest, _ context: ServerContext
    ) async throws -> [Teller_Balance_V1_GroupOutcome] {
        let groups = request.groups
        let behaviour = ledger.next()
        ledger.state.update { $0.calls.append(request) }
        await fake.pass(context, "SubmitTransfers")
        switch behaviour {
        case .fail(_, true), .endStream(_, true), .failGroups(_, true):
            _ = try ledger.apply(groups)
        default: break
        }
        switch behaviour {
        case .apply: return try ledger.apply(groups)
        case .refuse(let code):
            return groups.map { group in
                .with { $0.outcomes = group.transfers.map { _ in .with { $0.refused = code } } }
            }
        case .fail(let error, _): throw error
        case .endStream(let status, _): throw EndOfStream(status: status)
        case .failGroups(let failure, _): return groups.map { _ in .with { $0.failure = failure } }
        case .answerGroups(let failures):
            return failures.map { failure in .with { $0.failure = failure } }
        case .breakContract:
            return try ledger.apply(groups).map { outcome in
                .with { $0.outcomes = Array(outcome.outcomes.dropLast()) }
            }
        }
    }

    func getTransfers(
        request: Teller_Balance_V1_GetTransfersRequest, context: ServerContext
    ) async throws -> Teller_Balance_V1_GetTransfersResponse {
        let records = ledger.records
        return .with {
            $0.transfers = request.ids.compactMap { records[$0] }
            $0.ledger = Data(FakeLedger.id.bytes)
        }
    }

    func openAccount(
        request: Teller_Balance_V1_OpenAccountRequest, context: ServerContext
    ) async throws -> Teller_Balance_V1_OpenAccountResponse {
        ledger.state.update { $0.opened.append(request) }
        await fake.pass(context)
        return try .with { response in
            switch ledger.next() {
            case .apply, .answerGroups, .breakContract:
                response.account = fake.account(FakeBalances.known)
            case .refuse(let code): response.refused = code
            case .fail(let error, _), .endStream(let error, _): throw error
            case .failGroups(let failure, _): response.failure = failure
            }
        }
    }

    func closeAccount(
        request: Teller_Balance_V1_CloseAccountRequest, context: ServerContext
    ) async throws -> Teller_Balance_V1_CloseAccountResponse {
        try .with { response in
            switch ledger.next() {
            case .apply, .answerGroups, .breakContract:
                response.account = fake.account(request.account)
                response.account.closedAtMicroseconds = 1_800_000_000_000_000
            case .refuse(let code): response.refused = code
            case .fail(let error, _), .endStream(let error, _): throw error
            case .failGroups(let failure, _): response.failure = failure
            }
        }
    }

    func getStatement(
        request: Teller_Balance_V1_GetStatementRequest, context: ServerContext
    ) async throws -> Teller_Balance_V1_GetStatementResponse {
        ledger.state.update { $0.statements.append(request) }
        await fake.pause(context)
        guard request.account != FakeBalances.unknown else {
            throw BalanceErrorReason.accountUnknown.status("no such account")
        }
        return .with { response in
            response.account = fake.account(request.account)
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
                    $0.kind = ledger.statementKind
                    $0.otherAccount = FakeBalances.known
                    $0.memo = "rent"
                }
            ]
        }
    }

    func runAudit(
        request: Teller_Balance_V1_RunAuditRequest, context: ServerContext
    ) async throws -> Teller_Balance_V1_RunAuditResponse {
        await fake.pause(context)
        return .with { response in
            response.ledger = Data(FakeLedger.id.bytes)
            response.invariants = [
                .with {
                    $0.name = "entries_sum_to_zero"
                    $0.counted = 5
                    $0.broken = 1
                    $0.example = "x"
                }
            ]
        }
    }

    func getLedger(
        request: Teller_Balance_V1_GetLedgerRequest, context: ServerContext
    ) async throws -> Teller_Balance_V1_GetLedgerResponse {
        .with {
            $0.ledger = Data(FakeLedger.id.bytes)
            $0.bank = "DEMO"
        }
    }
}
