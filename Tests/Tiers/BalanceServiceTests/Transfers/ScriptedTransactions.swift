import Chain
import Ledger

@testable import BalanceService

/// Transactions that do as a test says.
struct ScriptedTransactions: PostingTransactions {
    /// Whether a group wants an account that somebody else has locked.
    var isBlocked: @Sendable (PostingGroup) -> Bool = { _ in false }
    let body: @Sendable (PostingBatch, Deadline) async throws -> [PostedGroup]

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        try await body(batch, deadline)
    }

    func postFree(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        let locked = batch.groups.places { group, _ in isBlocked(group) }
        var free = batch
        free.groups = batch.groups.indices.filter { !locked.contains($0) }.map { batch.groups[$0] }
        let outcomes = free.groups.isEmpty ? [] : try await body(free, deadline)
        var rest = outcomes.makeIterator()
        return batch.groups.enumerated().map { place, group in
            guard !locked.contains(place) else {
                let accounts = group.transfers.flatMap(\.namedAccounts)
                return .locked(isBlocked(group) ? accounts.map { .account($0.number) } : [])
            }
            return rest.next() ?? .late
        }
    }

    static func refuseAll(_ batch: PostingBatch) -> [PostedGroup] {
        batch.groups.map { .outcomes($0.transfers.map { _ in .refused(.insufficientFunds) }) }
    }
}

extension PostingGroup {
    func wants(_ account: Int64) -> Bool {
        transfers.contains { $0.namedAccounts.contains { $0.number == account } }
    }
}

extension GroupResult {
    var name: String {
        switch self {
        case .outcomes: "outcomes"
        case .deadlineExceeded: "deadlineExceeded"
        case .signedOut: "signedOut"
        case .outcomeUnknown: "outcomeUnknown"
        case .busy: "busy"
        case .unavailable: "unavailable"
        case .failed: "failed"
        }
    }
}
