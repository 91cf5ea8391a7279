import BalanceAPI
import Foundation
import Ledger
import SwiftProtobuf
import TestSupport

@testable import BalanceService

/// A bank of some customers with two accounts and four sessions each, and what is known of what they asked.
struct MixedBank: Sendable {
    struct Member: Sendable {
        let name: String
        let token: Data
    }

    struct State: Sendable {
        /// Whose end has been asked for, and answered.
        var ending: Set<Data> = []
        var ended: Set<Data> = []
        /// Who asked for a transfer, by its id. Those that another one repeats are not among them.
        var asked: [Identifier: String] = [:]
        /// Asked for by whose session had ended before.
        var tooLate: [Identifier] = []
        /// Requests that another one may repeat, and their ids.
        var seen: [TransferRequest] = []
        var seenIDs: Set<Identifier> = []
        var batches = 0
        var done = 0
        var faults: [String] = []
    }

    static let customers = 12
    static let accounts = Int64(100)..<Int64(100 + 2 * customers)
    static let balance: Int64 = 1_000_000

    let service: RunningService
    /// A copy of it, which counts for an hour what it found of a session, unless it hears that one ended.
    let other: RunningService
    let members: [Member]
    let state = Shared(State())

    static func owner(of account: Int64) -> String? {
        accounts.contains(account) ? "customer\(account % Int64(customers))" : nil
    }

    static func with(
        _ body: @Sendable (MixedBank) async throws -> Void
    ) async throws {
        try await withPostingBank(customers: accounts.count) { url in
            try await TestPostgres.psql(
                url,
                "UPDATE teller.accounts SET owner = 'customer' || id % \(customers)"
                    + " WHERE id >= \(accounts.lowerBound)")
            var members: [Member] = []
            for number in 0..<(4 * customers) {
                let session = TestSession(user: "customer\(number % customers)", number: number)
                try await session.open(in: url)
                members.append(Member(name: session.user, token: Data(session.token)))
            }
            let limits = RefusedTries.Limits(burst: 1_000_000_000, interval: .nanoseconds(1))
            try await withService(url, with: { $0.tries = limits }) { [members] service in
                for account in accounts {
                    _ = try await service.submit(try .deposit(balance, to: account))
                }
                try await withService(
                    url,
                    with: {
                        $0.tries = limits
                        $0.sessionFreshness = .seconds(3600)
                    }
                ) { other in
                    try await body(MixedBank(service: service, other: other, members: members))
                }
            }
        }
    }

    /// Ends sessions, each when some more batches were answered.
    func revoke(_ count: Int, _ generator: inout SeededGenerator) async throws {
        let identity = Teller_Identity_V1_Identity.Client(wrapping: service.client)
        for member in members.shuffled(using: &generator).prefix(count) {
            let after = state.batches + generator.number(0...2)
            try await eventually { state.batches >= after || isOver }
            state.update { $0.ending.insert(member.token) }
            let reply = try await identity.endSessions(
                .with {
                    $0.caller.token = member.token
                    $0.current = true
                })
            state.update {
                if reply.ended == 1 {
                    $0.ended.insert(member.token)
                } else {
                    $0.faults.append("a session does not end: \(reply)")
                }
            }
        }
    }

    /// Whether no more batches come.
    private var isOver: Bool { state.batches >= ServiceTests.MixedBatchTests.batches }

    func fail(_ what: String) { state.update { $0.faults.append(what) } }

    // MARK: Batches

    /// The callers of a batch, in some order: of the sessions, nobody, and a token that is unknown.
    func callers(_ generator: inout SeededGenerator) -> [Teller_Balance_V1_Caller] {
        let tokens = members.shuffled(using: &generator).prefix(30).map(\.token)
        return (tokens + [Data(), Data(repeating: 1, count: 32)]).shuffled(using: &generator).map {
            token in .with { $0.token = token }
        }
    }

    /// Whose session a place among the callers is.
    func member(
        at place: UInt32, _ callers: [Teller_Balance_V1_Caller]
    ) -> Member? {
        guard place > 0, Int(place) <= callers.count else { return nil }
        return members.first { $0.token == callers[Int(place) - 1].token }
    }
}
