import BalanceAPI
import Chain
import Foundation
import GRPCCore
import Ledger
import Postgres
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// One row is locked, by somebody who takes his time; everybody else goes on.
    @Suite(.timeLimit(.minutes(3)))
    struct LockTests {
        /// The lock outlasts the answer.
        @Test func aLockedAccountKeepsNoOtherWaiting() async throws {
            try await withPostingService(customers: 4) { service async throws in
                let requests = try [
                    TransferRequest.deposit(1, to: 100), .deposit(1, to: 101),
                    .deposit(1, to: 102),
                ]
                let groups = requests.map { request in
                    Teller_Balance_V1_TransferGroup.with {
                        $0.transfers = [.init(request)]
                        $0.timeoutMicroseconds = 60_000_000
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
        }

        /// The locks outlast every group's time. The accounts are spread over the batch.
        @Test(arguments: [[101], [101, 113, 125, 137]])
        func allOthersArePostedInTime(locked: [Int64]) async throws {
            try await withPostingService(customers: 48) { service async throws in
                let groups = try (0..<48).map { place in
                    let isLast = place % 12 == 1
                    let account = isLast ? locked[place / 12 % locked.count] : Int64(100 + place)
                    return try Teller_Balance_V1_TransferGroup.with {
                        $0.transfers = [.init(try .deposit(1, to: account))]
                        $0.timeoutMicroseconds = 15_000_000
                    }
                }
                try await whileLocked(locked, in: service.database) {
                    let outcomes = try await service.submit(groups: groups)
                    for (place, outcome) in outcomes.enumerated() {
                        #expect(outcome.failure == (place % 12 == 1 ? .busy : .unspecified))
                    }
                }
            }
        }

        /// Which group waits for what, by all ways in which a request says which accounts it wants.
        @Test func whoWantsALockedAccountIsFound() async throws {
            try await withPostingService(customers: 4, limit: 100) { service async throws in
                let hold = try TransferRequest.hold(5, from: 100, to: 101)
                #expect(try await service.submit(hold)[0].record != nil)
                let post = TransferRequest(
                    id: .random(), action: .post(hold: hold.id, amount: nil))
                let groups = try [
                    [post], [.transfer(1, from: 102, to: 103)], [.deposit(1, to: 102)],
                    [.transfer(1, from: 102, to: 103), .transfer(1, from: 101, to: 999)],
                ].map { PostingGroup(transfers: $0, deadline: .after(.seconds(30))) }
                try await whileLocked([1, 101], in: service.database) {
                    let rows = try await withConnection(service.database) {
                        try await $0.query(PostingStatements.locked(groups))
                    }
                    let found = try rows.map { row in
                        let (place, isCash) = try row.decode((Int64, Bool).self)
                        return "\(place) \(isCash ? "cash" : "customer")"
                    }
                    #expect(found.sorted() == ["0 customer", "2 cash", "3 customer"])
                }
            }
        }

        /// All who deposit want the cash account, and at any moment somebody has it. They are not taken
        /// for those who were waited for, as long as another account is locked.
        @Test(arguments: [([1, 101], [1]), ([1], [0, 1])] as [([Int64], Set<Int>)])
        func aBusyCashAccountIsNotTakenForALockedOne(
            locked: [Int64], blocked: Set<Int>
        ) async throws {
            try await withPostingBank(customers: 2) { url in
                let groups = try [100, 101].map {
                    PostingGroup(
                        transfers: [try .deposit(1, to: $0)], deadline: .after(.seconds(30)))
                }
                let configuration = PostgresConfiguration(
                    connectionString: url, role: "teller_app")
                let pool = try PostgresPool(configuration: configuration, size: 1, logger: .silent)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await pool.run() }
                    defer { pool.shutDown() }
                    let store = PostingStore(pool: pool, ledger: .init(pool: pool, bank: "DEMO"))
                    try await whileLocked(locked, in: url) {
                        let found = try await store.blocked(groups, deadline: .after(.seconds(30)))
                        #expect(found == blocked)
                    }
                }
            }
        }

        @Test func manyClosesOfALockedAccountKeepNoReadWaiting() async throws {
            try await withBankService { service async throws in
                #expect(try await eventually { try await service.isServing() })
                try await withThrowingTaskGroup(of: Void.self) { group in
                    try await whileLocked([17], in: service.database) {
                        for _ in 0..<8 {
                            group.addTask {
                                let answer = try await service.ledger.closeAccount(
                                    .with {
                                        $0.id = Data(Identifier.random().bytes)
                                        $0.account = try account(17)
                                    }, metadata: .timeout("60S"), options: RunningService.options)
                                #expect(answer.refused == "account_not_empty")
                            }
                        }
                        #expect(try await waitForBlocked(2..., in: service.database))
                        // Longer than the database is given to say that it is there.
                        let end = Deadline.after(DatabaseMonitor.patience * 3)
                        while !end.hasPassed {
                            _ = try await service.balances(18, metadata: .timeout("5S"))
                            #expect(
                                try await service.balances.listAccounts(
                                    .init(), metadata: .timeout("5S"),
                                    options: RunningService.options
                                ).accounts.count > 0)
                        }
                        #expect(try await eventually { try await service.isServing() })
                    }
                    try await group.waitForAll()
                }
            }
        }

        /// A service that is stopped between its two round trips.
        @Test func aSilentSessionLosesItsLocks() async throws {
            try await withPostingBank(customers: 1) { url in
                let app = BalanceServiceApp(
                    address: HostAndPort(host: "127.0.0.1", port: 0),
                    database: PostgresConfiguration(connectionString: url, role: "teller_app"),
                    connections: 1, batchesInFlight: 1, postingBatchesInFlight: 1, eventLoops: 1)
                for pool in [
                    try app.makePostingPool(logger: .silent),
                    try app.makeAccountPool(logger: .silent),
                ] {
                    let settings = try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await pool.run() }
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

        /// A hold that is made after the records were read, and before the holds are.
        @Test func aHoldThatComesInBetweenIsNotTakenForUnknown() async throws {
            try await withPostingBank(customers: 2, limit: 1000) { url in
                let hold = try TransferRequest.hold(5, from: 100, to: 101)
                let post = TransferRequest(
                    id: .random(), action: .post(hold: hold.id, amount: nil))
                let batch = PostingBatch(groups: [
                    PostingGroup(transfers: [post], deadline: .after(.seconds(30)))
                ])
                let subjects = PostingSubjects(of: batch)
                try await withService(url) { service async throws in
                    try await withConnection(url) { connection in
                        var opened = [
                            try await connection.query(PostingStatements.lock(subjects)),
                            try await connection.query(PostingStatements.recorded(subjects)),
                        ]
                        #expect(try await service.submit(hold)[0].record != nil)
                        for statement in PostingStatements.reading(subjects).dropFirst() {
                            opened.append(try await connection.query(statement))
                        }
                        #expect(throws: SubjectNotLocked.self) {
                            _ = try PostingDecision(batch, on: opened, bank: "DEMO")
                        }
                    }
                    #expect(try await service.submit(post)[0].record != nil)
                }
            }
        }

        /// An account whose row is not where it was read is not passed over.
        @Test func aMovedRowIsNotPassedOver() async throws {
            try await withPostingBank(customers: 1) { url in
                try await withConnection(url) { connection in
                    let group = PostingGroup(
                        transfers: [try .transfer(1, from: 100, to: 90)],
                        deadline: .after(.seconds(30)))
                    let lock = PostingStatements.lock(
                        PostingSubjects(of: PostingBatch(groups: [group])))
                    let row = try #require(try await connection.query(lock).first)
                    let account = try LockedAccount(row)
                    let tupleID: PostgresTupleID = try row.decode(at: 10)
                    let elsewhere = PostgresTupleID(
                        block: tupleID.block, offset: tupleID.offset + 1)
                    let error = await #expect(throws: PostgresError.self) {
                        _ = try await connection.query(
                            PostingStatements.update([
                                LocatedAccount(account: account, tupleID: elsewhere)
                            ]))
                    }
                    #expect(error?.sqlState == "22012")
                    _ = try await connection.query(
                        PostingStatements.update([
                            LocatedAccount(account: account, tupleID: tupleID)
                        ]))
                }
            }
        }

        /// The database is made anew while the service runs.
        @Test func anotherLedgerIsSeen() async throws {
            try await withPostingBank(customers: 1) { url in
                try await withService(url) { service async throws in
                    #expect(try await service.submit(.deposit(1, to: 100))[0].record != nil)
                    try await TestPostgres.psql(
                        url, "DROP SCHEMA teller CASCADE; DROP TABLE public.teller_migrations")
                    try await migrate(url)
                    try await TestPostgres.psql(
                        url,
                        """
                        INSERT INTO teller.accounts (id, bank, kind, name, currency, overdraft_limit)
                        VALUES (1, 'DEMO', 'cash', 'Cash', 'USD', NULL),
                            (100, 'DEMO', 'customer', 'Customer', 'USD', 0)
                        """)
                    let id = try await TestPostgres.psql(url, "SELECT id FROM teller.ledger")
                    let group = try Teller_Balance_V1_TransferGroup.with {
                        $0.ledger = Data(try #require(Identifier(id)).bytes)
                        $0.transfers = [.init(try .deposit(1, to: 100))]
                    }
                    #expect(
                        try await eventually {
                            let outcomes = try? await service.submit(groups: [group])
                            return outcomes?[0].failure == .unspecified
                        })
                }
            }
        }
    }
}
