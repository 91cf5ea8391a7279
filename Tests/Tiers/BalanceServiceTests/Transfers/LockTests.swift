import BalanceAPI
import Chain
import Foundation
import GRPCCore
import Ledger
import Postgres
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// One row is locked, by somebody who takes his time; everybody else goes on.
    @Suite(.timeLimit(.minutes(3))) struct LockTests {
        /// The lock outlasts the answer.
        @Test(.postingService(customers: 4)) func aLockedAccountKeepsNoOtherWaiting() async throws {
            let requests = try [
                TransferRequest.deposit(1, to: 100), .deposit(1, to: 101), .deposit(1, to: 102),
            ]
            let groups = requests.map { request in
                Teller_Balance_V1_TransferGroup.with {
                    $0.transfers = [.init(request)]
                    $0.context.timeoutMicroseconds = 60_000_000
                }
            }
            try await whileLocked([101], in: service.database) {
                let start = ContinuousClock.now
                let outcomes = try await service.submit(groups: groups)
                #expect(start.duration(to: .now) < .seconds(15))
                #expect(outcomes.map(\.failure) == [.unspecified, .busy, .unspecified])
                // Nor does it wait long itself, beside others or alone.
                #expect(try await service.submit(groups: [groups[1]]).map(\.failure) == [.busy])
                #expect(start.duration(to: .now) < .seconds(30))
                #expect(try await service.balances(100, 101, 102) == [1, 0, 1])
            }
            #expect(try await service.submit(requests[1])[0].record != nil)
            #expect(try await service.balances(100, 101, 102) == [1, 1, 1])
        }

        /// The locks outlast every group's time. The accounts are spread over the batch.
        @Test(.postingService(customers: 48), arguments: [[101], [101, 113, 125, 137]])
        func allOthersArePostedInTime(locked: [Int64]) async throws {
            let groups = try (0..<48).map { place in
                let isLast = place % 12 == 1
                let account = isLast ? locked[place / 12 % locked.count] : Int64(100 + place)
                return try Teller_Balance_V1_TransferGroup.with {
                    $0.transfers = [.init(try .deposit(1, to: account))]
                    $0.context.timeoutMicroseconds = 15_000_000
                }
            }
            try await whileLocked(locked, in: service.database) {
                let outcomes = try await service.submit(groups: groups)
                for (place, outcome) in outcomes.enumerated() {
                    #expect(outcome.failure == (place % 12 == 1 ? .busy : .unspecified))
                }
            }
        }

        /// Which group waits for what, by all ways in which a request says which accounts it wants.
        @Test(.postingService(customers: 4, limit: 100))
        func whoWantsALockedAccountIsFound() async throws {
            let hold = try TransferRequest.hold(5, from: 100, to: 101)
            #expect(try await service.submit(hold)[0].record != nil)
            let post = TransferRequest(id: .random(), action: .post(hold: hold.id, amount: nil))
            let groups = try [
                [post], [.transfer(1, from: 102, to: 103)], [.deposit(1, to: 102)],
                [.transfer(1, from: 102, to: 103), .transfer(1, from: 101, to: 999)],
            ].map { PostingGroup(transfers: $0, deadline: .after(.seconds(30)), session: nil) }
            try await whileLocked([1, 101], in: service.database) {
                let rows = try await withConnection(service.database) {
                    try await $0.query(PostingStatements.lockFree(groups))
                }
                let heldUp = try HeldUpGroups(groups, lockedOut: rows)
                #expect(heldUp[0] == [.subject(hold.id)])
                #expect(heldUp[1] == nil)
                #expect(heldUp[2] == [.cash("USD")])
                #expect(heldUp[3] == [.account(101)])
            }
        }

        /// The second line builds on the first, whose payer is locked for a while.
        @Test(.postingService(customers: 6)) func aFileKeepsItsOrder() async throws {
            for account in [Int64(100), 103] {
                #expect(try await service.submit(.deposit(10, to: account))[0].record != nil)
            }
            let requests = try [
                TransferRequest.transfer(10, from: 100, to: 101), .transfer(10, from: 101, to: 102),
                .transfer(1, from: 102, to: 105), .transfer(10, from: 103, to: 104),
                .transfer(10, from: 104, to: 105),
            ]
            let groups = requests.enumerated().map { place, request in
                Teller_Balance_V1_TransferGroup.with {
                    $0.transfers = [.init(request)]
                    $0.context.timeoutMicroseconds = 60_000_000
                    // Two callers.
                    $0.follows = ![0, 3].contains(place)
                }
            }
            try await whileLocked([100], in: service.database) {
                for _ in 0..<2 {
                    let failures = try await service.submit(groups: groups).map(\.failure)
                    #expect(failures == [.busy, .busy, .busy, .unspecified, .unspecified])
                }
                let balances = try await service.balances(101, 102, 105)
                #expect(balances == [0, 0, 10])
            }
            for outcome in try await service.submit(groups: groups) {
                #expect(try outcome.outcomes[0].ledgerOutcome().record != nil)
            }
            #expect(
                try await service.balances(100, 101, 102, 103, 104, 105) == [0, 0, 9, 0, 0, 11])
        }

        /// While accounts are locked, and their callers ask again and again: only the first batch that
        /// meets a lock waits for it.
        @Test func lockedAccountsAreWaitedForOnce() async throws {
            let waits = Mutex(0)
            let posting: PostingMaker = { pool, ledger in
                CountingWaits(store: PostingStore(pool: pool, ledger: ledger)) {
                    waits.withLock { $0 += 1 }
                }
            }
            try await withPostingBank(customers: 8) { url in
                try await withService(url, posting: posting) { service async throws in
                    let groups = try (Int64(100)..<108).map { account in
                        try Teller_Balance_V1_TransferGroup.with {
                            $0.transfers = [.init(try .deposit(1, to: account))]
                            $0.context.timeoutMicroseconds = 60_000_000
                        }
                    }
                    try await whileLocked([101, 106], in: url) {
                        for _ in 0..<10 {
                            let failures = try await service.submit(groups: groups).map(\.failure)
                            #expect(
                                failures.enumerated().allSatisfy { place, failure in
                                    failure == ([1, 6].contains(place) ? .busy : .unspecified)
                                })
                        }
                    }
                    // On a machine where ten calls take longer than a lock is remembered.
                    #expect((1...3).contains(waits.withLock { $0 }))
                    #expect(
                        try await service.submit(groups: groups).allSatisfy {
                            $0.failure == .unspecified
                        })
                }
            }
        }

        @Test(.bankService) func manyClosesOfALockedAccountKeepNoReadWaiting() async throws {
            try await eventually { try await service.isServing() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                try await whileLocked([17], in: service.database) {
                    for _ in 0..<8 {
                        group.addTask {
                            let answer = try await service.ledger.closeAccount(
                                .with {
                                    $0.id = Data(Identifier.random().bytes)
                                    $0.account = try account(17)
                                }, metadata: .timeout("60S"))
                            #expect(answer.refused == "account_not_empty")
                        }
                    }
                    try await waitForBlocked(2..., in: service.database)
                    // Longer than the database is given to say that it is there.
                    let end = Deadline.after(DatabaseMonitor.patience * 3)
                    while !end.hasPassed {
                        _ = try await service.balances(18, metadata: .timeout("5S"))
                        #expect(
                            try await service.balances.listAccounts(
                                .init(), metadata: .timeout("5S")
                            ).accounts.count > 0)
                    }
                    try await eventually { try await service.isServing() }
                }
                try await group.waitForAll()
            }
        }

        /// A service that is stopped between its two round trips.
        @Test func aSilentSessionLosesItsLocks() async throws {
            try await withPostingBank(customers: 1) { url in
                let app = BalanceServiceApp(
                    address: HostAndPort(host: "127.0.0.1", port: 0),
                    database: PostgresConfiguration(connectionString: url, role: "teller_app"),
                    connections: 1, batchesInFlight: 1, postingBatchesInFlight: 1)
                let pools = try ServicePools(app, logger: .silent)
                for pool in [pools.posting, pools.accounts] {
                    let settings = try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { await pool.run() }
                        defer { pool.shutDown() }
                        return try await pool.query(
                            "SELECT current_setting('idle_in_transaction_session_timeout')",
                            deadline: .now + .seconds(20)
                        ).map { try $0.decode(String.self, at: 0) }
                    }
                    #expect(settings == ["5s"])
                }
            }
        }
    }
}

/// Counts the waits for a lock that were in vain.
private struct CountingWaits: PostingTransactions {
    let store: PostingStore
    let count: @Sendable () -> Void

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        do { return try await store.post(batch, deadline: deadline) } catch {
            if PostingFailure(error) == .lockTimeout { count() }
            throw error
        }
    }

    func postFree(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        try await store.postFree(batch, deadline: deadline)
    }
}
