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
    /// What was answered is there when the standby has taken over, whatever happened meanwhile.
    @Suite(.timeLimit(.minutes(5))) struct StandbyPostingTests {
        /// A bank with a synchronous standby.
        private func withStandby(
            _ body: (_ primary: PostgresServer, _ standby: PostgresServer) async throws -> Void
        ) async throws {
            let primary = try await PostgresServer.start()
            defer { primary.stop() }
            try await migrate(primary.url())
            try await TestPostgres.psql(primary.url(), LedgerSQL.bank(customers: 8))
            let standby = try await primary.startStandby()
            defer { standby.stop() }
            try await primary.setSynchronous(true)
            try await body(primary, standby)
        }

        /// A transfer that the primary shows and the standby does not have, since somebody has cancelled the
        /// wait for it.
        private func strand(
            _ request: TransferRequest, _ service: RunningService, _ primary: PostgresServer
        ) async throws {
            let group = Teller_Balance_V1_TransferGroup.with {
                $0.transfers = [.init(request)]
                $0.context.timeoutMicroseconds = 2_000_000
            }
            async let outcome = service.submit(groups: [group])
            try await eventually { try await primary.cancelSyncWaits("cancel") }
            #expect(try await outcome.map(\.failure) == [.outcomeUnknown])
        }

        @Test func whatIsFoundIsToldWhenTheStandbyHasIt() async throws {
            try await withStandby { primary, standby async throws in
                try await withService(primary.url()) { service async throws in
                    let request = try TransferRequest.deposit(1, to: 100)
                    let open = Teller_Balance_V1_OpenAccountRequest.with {
                        $0.id = Data(Identifier.random().bytes)
                        $0.name = "New"
                        $0.currency = "USD"
                    }
                    let lookup = Teller_Balance_V1_GetTransfersRequest.with {
                        $0.ids = [Data(request.id.bytes)]
                    }
                    func repeated() async throws -> RunningService.Failure {
                        try await service.submit(groups: [
                            .with {
                                $0.transfers = [.init(request)]
                                $0.context.timeoutMicroseconds = 1_000_000
                            }
                        ])[0].failure
                    }
                    func opened() async throws -> Teller_Balance_V1_OpenAccountResponse {
                        try await service.ledger.openAccount(open, metadata: .timeout("1S"))
                    }
                    func found() async throws -> Int {
                        try await service.ledger.getTransfers(lookup, metadata: .timeout("1S"))
                            .transfers.count
                    }
                    try await standby.signal("STOP")
                    try await strand(request, service, primary)
                    async let opening = opened()
                    try await eventually { try await primary.cancelSyncWaits("cancel") }
                    #expect(try await opening.failure == .outcomeUnknown)
                    // All see it, as a balance may.
                    let ids = try await TestPostgres.psql(
                        primary.url(), "SELECT id FROM teller.transfers")
                    #expect(ids == "\(request.id)")
                    #expect(try await repeated() == .outcomeUnknown)
                    #expect(try await opened().failure == .outcomeUnknown)
                    await #expect(throws: RPCError.self) { _ = try await found() }
                    // What is not there needs no standby to say so.
                    let none = try await service.ledger.getTransfers(
                        .with { $0.ids = [Data(Identifier.random().bytes)] },
                        metadata: .timeout("20S"))
                    #expect(none.transfers.isEmpty)

                    try await standby.signal("CONT")
                    #expect(try await service.settle(request).record != nil)
                    try await eventually { (try? await found()) == 1 }
                    try await eventually { (try? await opened().account.name) == "New" }
                }
            }
        }

        /// Faults by seed; then the primary is lost and the standby takes over. The same run finds a loss
        /// where nobody waits for the standby, and where a repeat does not.
        @Test(arguments: Mode.allCases)
        func acknowledgedTransfersOutliveThePrimary(mode: Mode) async throws {
            let seed = try #require(SeededGenerator.seeds(1).first)
            let broken: PostingMaker = { WithoutBarrier(pool: $0, ledger: $1) }
            try await withStandby { primary, standby async throws in
                if mode == .asynchronous { try await primary.setSynchronous(false) }
                let acknowledged = try await storm(
                    primary, standby, seed: seed, posting: mode == .withoutBarrier ? broken : nil)
                try await primary.kill()
                // What was sent to it while it was stopped has not arrived.
                try await standby.kill()
                try await standby.start()
                try await standby.promote()
                let kept = try await TestPostgres.psql(
                    standby.url(), "SELECT id FROM teller.transfers")
                let ids = Set(kept.split(separator: "\n").compactMap { Identifier(String($0)) })
                let lost = acknowledged.subtracting(ids)
                #expect(acknowledged.count > 8, "seed \(seed)")
                #expect(
                    lost.isEmpty == (mode == .asRuns),
                    "seed \(seed): \(lost.count) of \(acknowledged.count) are lost")
                #expect(try await brokenInvariants(standby.url()) == [], "seed \(seed)")
            }
        }

        enum Mode: CaseIterable { case asRuns, asynchronous, withoutBarrier }

        /// Eight callers deposit, and repeat what they got no answer for, while the standby stops and comes
        /// back, its connection is cut, and waits for it are cancelled and ended. At the end it is stopped.
        ///
        /// - Returns: What they were told is done.
        private func storm(
            _ primary: PostgresServer, _ standby: PostgresServer, seed: UInt64,
            posting: PostingMaker?
        ) async throws -> Set<Identifier> {
            let isOver = Flag()
            return try await withService(primary.url(), posting: posting) { service async throws in
                try await withThrowingTaskGroup(of: Set<Identifier>.self) { group in
                    for caller in Int64(0)..<8 {
                        group.addTask {
                            var acknowledged: Set<Identifier> = []
                            while !isOver.isRaised {
                                let request = try TransferRequest.deposit(1, to: 100 + caller)
                                if try await ask(service, request, until: isOver) {
                                    acknowledged.insert(request.id)
                                }
                            }
                            return acknowledged
                        }
                    }
                    var random = SeededGenerator(seed: seed)
                    for round in 0..<6 {
                        try await Task.sleep(for: .milliseconds(200 + random.next() % 200))
                        try await standby.signal("STOP")
                        // The last round ends with what no standby has, and all repeat.
                        let count = round == 5 ? 4 : Int(random.next() % 3)
                        for _ in 0..<count {
                            try await Task.sleep(for: .milliseconds(100 + random.next() % 200))
                            let fault = round == 5 ? "cancel" : random.fault
                            _ = try await primary.cancelSyncWaits(fault)
                        }
                        if round < 5 { try await standby.signal("CONT") }
                    }
                    try await Task.sleep(for: .milliseconds(1500))
                    isOver.raise()
                    return try await group.reduce(into: []) { $0.formUnion($1) }
                }
            }
        }

        /// Asks until it is done, or all is over.
        private func ask(_ service: RunningService, _ request: TransferRequest, until isOver: Flag)
            async throws -> Bool
        {
            let group = Teller_Balance_V1_TransferGroup.with {
                $0.transfers = [.init(request)]
                $0.context.timeoutMicroseconds = 500_000
            }
            repeat {
                let outcome = try? await service.submit(groups: [group])[0]
                if let outcome, outcome.failure == .unspecified {
                    return try outcome.outcomes[0].ledgerOutcome().record != nil
                }
                try await Task.sleep(for: .milliseconds(20))
            } while !isOver.isRaised
            return false
        }
    }
}

extension PostgresServer {
    /// What an operator may do to sessions that wait for the standby: cancel or terminate them, or cut
    /// the standby off.
    ///
    /// - Returns: Whether there was one.
    fileprivate func cancelSyncWaits(_ fault: String) async throws -> Bool {
        let place =
            fault == "cut"
            ? "SELECT pg_terminate_backend(pid) FROM pg_stat_replication"
            : "SELECT pg_\(fault)_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        return try await TestPostgres.psql(url(), place) != ""
    }
}

extension SeededGenerator {
    fileprivate var fault: String {
        mutating get { ["cancel", "terminate", "cut"][number(0...2)] }
    }
}

/// Answers a repeat from the row that it finds, whoever else has that.
private struct WithoutBarrier: PostingTransactions {
    let pool: PostgresPool
    let ledger: LedgerIdentityReader

    func post(_ batch: PostingBatch, deadline: Deadline) async throws -> [PostedGroup] {
        let bank = try await ledger.identity(deadline: deadline).bank
        return try await pool.transaction(
            opening: PostingStatements.opening(PostingSubjects(of: batch)),
            deadline: deadline.instant
        ) { opened in
            let decision = try PostingDecision(batch, on: opened, bank: bank)
            let isFound = decision.changes.transfers.isEmpty
            return (isFound ? [] : decision.statements(), decision.outcomes)
        }
    }
}
