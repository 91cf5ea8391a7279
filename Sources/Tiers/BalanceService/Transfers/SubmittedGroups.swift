import BalanceAPI
import Chain
import Ledger
import SwiftProtobuf

/// The groups of one SubmitTransfers call, read: what to post, and what to answer.
struct SubmittedGroups: Sendable {
    private enum Group {
        case wanted
        case failed(Teller_Balance_V1_GroupOutcome.Failure)
        case refused([TransferOutcome])
    }

    private var groups: [Group] = []
    /// The groups to post, in order.
    private(set) var wanted: [PostingGroup] = []

    /// - Throws: `GoogleRPCStatus`, INVALID_ARGUMENT, when the request makes no sense.
    init(
        _ groups: [Teller_Balance_V1_TransferGroup], of call: ServedCall, _ callers: CallerSessions,
        at ledger: LedgerIdentity
    ) throws {
        self.groups.reserveCapacity(groups.count)
        // The outcome of a caller's groups so far.
        var failure: Teller_Balance_V1_GroupOutcome.Failure?
        var isWanted = false
        for group in groups {
            if !group.follows { (failure, isWanted) = (nil, false) }
            let transfers: [TransferRequest]
            do {
                transfers = try group.transfers.map { try $0.ledgerRequest() }
            } catch {
                throw BalanceErrorReason.requestInvalid.status("\(error)")
            }
            let deadline = call.deadline(ofMember: group.context.timeoutMicroseconds)
            let session = callers[group.context.caller]
            if session == nil {
                failure = .unauthenticated
            } else if let session, callers.mustWait(session) {
                failure = .tooManyTries
            } else if !group.ledger.isEmpty, Identifier(bytes: group.ledger) != ledger.id {
                failure = .otherLedger
            } else if deadline.hasPassed {
                failure = failure ?? .deadlineExceeded
            }
            if let failure {
                self.groups.append(.failed(failure))
            } else if let outcomes = Self.outcomesOfStrangers(transfers, at: ledger) {
                self.groups.append(.refused(outcomes))
            } else {
                self.groups.append(.wanted)
                wanted.append(
                    PostingGroup(
                        transfers: transfers, deadline: deadline, follows: isWanted,
                        session: session))
                isWanted = true
            }
        }
    }

    /// The refusals of a group that names accounts of another bank; nil when it names none. They are
    /// not recorded: this ledger keeps nothing of other banks.
    private static func outcomesOfStrangers(
        _ transfers: [TransferRequest], at ledger: LedgerIdentity
    ) -> [TransferOutcome]? {
        let stranger = transfers.firstIndex { request in
            request.namedAccounts.contains { $0.bank != ledger.bank }
        }
        guard let stranger else { return nil }
        return transfers.indices.map {
            .refused($0 == stranger ? .accountUnknown : .linkedRefused)
        }
    }

    /// Checks the bounds, before anything is read.
    ///
    /// - Throws: `GoogleRPCStatus`, INVALID_ARGUMENT.
    static func checkSize(_ groups: [Teller_Balance_V1_TransferGroup]) throws {
        let count = groups.reduce(0) { $0 + $1.transfers.count }
        guard count <= BalanceLimits.transfers else {
            throw BalanceErrorReason.tooManyQueries.status(
                "\(count) transfers; a request may hold \(BalanceLimits.transfers)")
        }
        guard groups.allSatisfy({ !$0.transfers.isEmpty }) else {
            throw BalanceErrorReason.requestInvalid.status("a group without transfers")
        }
    }

    /// An outcome for each group, in order.
    ///
    /// - Parameter results: One for each of `wanted`.
    /// - Throws: Why the database could not be had, when the call as a whole is to say so; nothing was
    ///   done.
    func outcomes(_ results: [GroupResult]) throws -> [Teller_Balance_V1_GroupOutcome] {
        try throwCommonFailure(results)
        var results = results[...]
        return groups.map { group in
            switch group {
            case .wanted: .init(results.popFirst() ?? .outcomeUnknown)
            case .failed(let failure): .with { $0.failure = failure }
            case .refused(let outcomes): .with { $0.outcomes = outcomes.map { .init($0) } }
            }
        }
    }

    /// The call fails as a whole only when the database could not be had for any of its groups.
    private func throwCommonFailure(_ results: [GroupResult]) throws {
        var failure: (any Error)?
        for result in results {
            switch result {
            case .unavailable(let error): failure = failure ?? error
            case .deadlineExceeded: break
            case .outcomes, .signedOut, .outcomeUnknown, .busy, .failed: return
            }
        }
        if let failure { throw failure }
    }
}

extension Teller_Balance_V1_GroupOutcome {
    fileprivate init(_ result: GroupResult) {
        self.init()
        switch result {
        case .outcomes(let outcomes): self.outcomes = outcomes.map { .init($0) }
        case .deadlineExceeded: failure = .deadlineExceeded
        case .signedOut: failure = .unauthenticated
        case .outcomeUnknown: failure = .outcomeUnknown
        case .busy: failure = .busy
        case .unavailable: failure = .unavailable
        case .failed: failure = .internal
        }
    }
}
