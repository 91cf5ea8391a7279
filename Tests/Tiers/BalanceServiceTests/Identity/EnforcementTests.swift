import BalanceAPI
import Foundation
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

private typealias Refusal = Teller_Balance_V1_Refusal

/// The service with the demo data, as some of its people ask it.
private struct People: Sendable {
    static let alice = TestSession(user: "alice")
    static let bruno = TestSession(user: "bruno")
    static let tester = TestSession.tester

    let service: RunningService

    static func with(_ body: @Sendable (People) async throws -> Void) async throws {
        try await withBank { url in
            for session in [alice, bruno, tester] { try await session.open(in: url) }
            try await withService(url, asking: nil) { try await body(People(service: $0)) }
        }
    }

    var ledger: Teller_Balance_V1_Ledger.Client<some ClientTransport> {
        .init(wrapping: service.client)
    }

    func caller(_ session: TestSession) -> Teller_Balance_V1_Caller {
        .with {
            $0.token = Data(session.token)
            $0.source = "192.0.2.9"
        }
    }

    func read(
        _ number: Int64, by session: TestSession, at time: Int64? = nil
    ) async throws -> Teller_Balance_V1_BalanceOutcome {
        let account = try account(number)
        return try await service.balances.getBalances(
            .with { request in
                request.callers = [caller(session)]
                request.queries = [
                    .with {
                        $0.account = account
                        if let time { $0.atMicroseconds = time }
                        $0.context.caller = 1
                    }
                ]
            }
        ).outcomes[0]
    }

    func submit(
        _ request: TransferRequest, by session: TestSession
    ) async throws -> Teller_Balance_V1_GroupOutcome {
        try await ledger.submitTransfers(
            .with {
                $0.callers = [caller(session)]
                $0.groups = [
                    .with {
                        $0.transfers = [.init(request)]
                        $0.context.caller = 1
                    }
                ]
            }
        ).groups[0]
    }

    func psql(_ statement: String) async throws -> String {
        try await TestPostgres.psql(service.database, statement)
    }
}

private func pay(
    _ amount: Int64, from debit: Int64, to credit: Int64, id: Identifier = .random()
) throws -> TransferRequest {
    TransferRequest(
        id: id,
        action: .transfer(
            debit: try number(debit), credit: try number(credit),
            amount: Money(minorUnits: amount, currency: .usd)))
}

extension ServiceTests {
    /// Each sees and moves what is hers, whichever way she asks.
    @Suite(.timeLimit(.minutes(5)))
    struct EnforcementTests {
        @Test func whatIsNotHersDoesNotExist() async throws {
            try await People.with { bank async throws in
                for time in [nil, Int64(1_750_000_000_000_000)] {
                    #expect(try await bank.read(17, by: People.alice, at: time).isAccount)
                    #expect(try await bank.read(21, by: People.bruno, at: time).isAccount)
                    #expect(try await bank.read(21, by: People.tester, at: time).isAccount)
                    for number in [21, 1, 999] as [Int64] {
                        let outcome = try await bank.read(number, by: People.alice, at: time)
                        #expect(outcome.refusal.code == .accountUnknown)
                        let grouped = try BalanceServiceTests.number(number).grouped
                        #expect(outcome.refusal.message == "this bank has no account \(grouped)")
                    }
                }
                for number in [21, 999] as [Int64] {
                    await expectFailure(.notFound, because: .accountUnknown) {
                        let account = try account(number)
                        return try await bank.ledger.getStatement(
                            .with {
                                $0.account = account
                                $0.caller = bank.caller(People.alice)
                            })
                    }
                }
            }
        }

        @Test func aListIsOfHerOwn() async throws {
            try await People.with { bank async throws in
                func list(_ session: TestSession, size: Int32 = 0) async throws -> [String] {
                    var (names, token) = ([String](), "")
                    repeat {
                        let page = try await bank.service.balances.listAccounts(
                            .with {
                                $0.caller = bank.caller(session)
                                $0.pageSize = size
                                $0.pageToken = token
                            })
                        names += page.accounts.map(\.name)
                        token = page.nextPageToken
                    } while !token.isEmpty
                    return names
                }
                let hers = ["Alice, everyday", "Alice, savings", "Alice, holidays"]
                #expect(try await list(People.alice) == hers)
                #expect(try await list(People.alice, size: 1) == hers)
                #expect(try await list(People.tester).count == 11)
            }
        }

        @Test func aTransferIsThePayersAndTellsHerSide() async throws {
            try await People.with { bank async throws in
                let payment = try pay(5, from: 17, to: 41)
                let done = try await bank.submit(payment, by: People.alice).outcomes[0].done
                #expect(done.hasDebit && !done.hasCredit)
                // Not by its id, nor by its content.
                let again = try await bank.submit(payment, by: People.bruno).outcomes[0]
                #expect(again.refused == "id_used_with_other_content")
                let foreign = try await bank.submit(try pay(5, from: 41, to: 17), by: People.alice)
                #expect(foreign.outcomes[0].refused == "account_unknown")
                let deposit = TransferRequest(
                    id: .random(),
                    action: .deposit(
                        credit: try number(17), amount: Money(minorUnits: 5, currency: .usd)))
                let cash = try await bank.submit(deposit, by: People.alice)
                #expect(cash.outcomes[0].refused == "forbidden")

                func find(_ session: TestSession) async throws -> [Teller_Balance_V1_Transfer] {
                    try await bank.ledger.getTransfers(
                        .with {
                            $0.ids = [Data(payment.id.bytes), Data(deposit.id.bytes)]
                            $0.caller = bank.caller(session)
                        }
                    ).transfers
                }
                let hers = try await find(People.alice)
                #expect(hers.count == 2 && hers.allSatisfy { !$0.hasCredit })
                #expect(try await find(People.bruno).isEmpty)
                #expect(try await find(People.tester).count { $0.hasDebit && $0.hasCredit } == 1)
                let asked = "SELECT requested_by FROM teller.transfers WHERE id = '\(payment.id)'"
                #expect(try await bank.psql(asked) == "alice")
            }
        }

        @Test func accountsAreOpenedByOperators() async throws {
            try await People.with { bank async throws in
                let id = Identifier.random()
                func open(
                    _ session: TestSession, owner: String, id: Identifier
                ) async throws -> Teller_Balance_V1_OpenAccountResponse {
                    try await bank.ledger.openAccount(
                        .with {
                            $0.id = Data(id.bytes)
                            $0.name = "Car"
                            $0.currency = "USD"
                            $0.owner = owner
                            $0.caller = bank.caller(session)
                        })
                }
                #expect(try await open(People.alice, owner: "alice", id: id).refused == "forbidden")
                #expect(
                    try await open(People.tester, owner: "nobody", id: .random()).refused
                        == "owner_unknown")
                let opened = try await open(People.tester, owner: "bruno", id: id).account
                #expect(opened.name == "Car")
                let other = try await open(People.tester, owner: "alice", id: id)
                #expect(other.refused == "id_used_with_other_content")
                #expect(
                    try await bank.psql(
                        """
                        SELECT accounts.owner || ' ' || requested_by FROM teller.account_requests
                        JOIN teller.accounts ON accounts.id = account_id
                        WHERE account_requests.id = '\(id)'
                        """) == "bruno tester")
            }
        }

        /// A read may go by a verdict of some seconds ago; what is written never does.
        @Test func aWriteLooksItsSessionUp() async throws {
            try await People.with { bank async throws in
                #expect(try await bank.read(17, by: People.alice).isAccount)
                _ = try await bank.psql(
                    """
                    UPDATE identity.sessions SET ended_at = now()
                    WHERE person = (SELECT id FROM identity.people WHERE name = 'alice')
                    """)
                let payment = try pay(5, from: 17, to: 18)
                #expect(
                    try await bank.submit(payment, by: People.alice).failure == .unauthenticated)
                let count = "SELECT count(*) FROM teller.transfers WHERE id = '\(payment.id)'"
                #expect(try await bank.psql(count) == "0")
            }
        }

        /// What is refused is in the trail, and there is only so much of it.
        @Test func triesAreRatedAndRecorded() async throws {
            try await People.with { bank async throws in
                var codes: [Refusal.Code] = []
                while codes.count < 5000, codes.last != .tooManyTries {
                    codes.append(try await bank.read(21, by: People.alice).refusal.code)
                }
                #expect(codes.count > 60 && codes.last == .tooManyTries)
                #expect(codes.dropLast().allSatisfy { $0 == .accountUnknown })
                let rated = try await bank.submit(try pay(5, from: 17, to: 18), by: People.alice)
                #expect(rated.failure == .tooManyTries || rated.outcomes.count == 1)
                #expect(try await bank.read(21, by: People.bruno).isAccount)
                for _ in 0..<70 {
                    let refusal = try await bank.read(999, by: People.tester).refusal
                    #expect(refusal.code == .accountUnknown)
                }
                let kept = """
                    SELECT count(*) FROM identity.events
                    WHERE event = 'act_refused' AND name = 'alice' AND source = '192.0.2.9'
                    """
                try await eventually {
                    let count = Int(try await bank.psql(kept)) ?? 0
                    return count == codes.count { $0 == .accountUnknown }
                }
            }
        }
    }
}
