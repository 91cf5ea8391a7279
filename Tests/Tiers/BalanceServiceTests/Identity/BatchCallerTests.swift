import BalanceAPI
import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// Whose the members of a batch are.
    @Suite(.timeLimit(.minutes(5)))
    struct BatchCallerTests {
        /// Each member of a batch for itself, and so of who has not signed in.
        @Test func aTokenThatDoesNotCountAsksForNothing() async throws {
            try await Asked.with { bank in
                try await loadDemo(bank.url)
                let alice = try await bank.logIn("alice", Asked.alice).token
                let olga = try await bank.logIn("olga", Asked.olga).token
                let balances = bank.service.balances
                func read() async throws -> [Bool] {
                    let number = try account(17)
                    let reply = try await balances.getBalances(
                        .with { request in
                            request.callers = [alice, Data(count: 32), Data(), olga].map {
                                bank.caller($0)
                            }
                            request.queries = (0...5).map { caller in
                                .with {
                                    $0.account = number
                                    $0.context.caller = UInt32(caller)
                                }
                            }
                        })
                    return reply.outcomes.map { outcome in
                        if case .account = outcome.outcome { return true }
                        #expect(outcome.refusal.code == .unauthenticated)
                        return false
                    }
                }
                #expect(try await read() == [false, true, false, false, true, false])
                #expect(try await read() == [false, true, false, false, true, false])
                // At once in this copy; another one may take 5 s.
                #expect(try await bank.end(alice, .current(true)).ended == 1)
                #expect(try await read() == [false, false, false, false, true, false])

                let ledger = Teller_Balance_V1_Ledger.Client(wrapping: bank.service.client)
                let (debit, credit) = (try account(17), try account(18))
                func pay(_ token: Data, _ id: UInt8) async throws
                    -> Teller_Balance_V1_GroupOutcome
                {
                    try await ledger.submitTransfers(
                        .with { request in
                            request.callers = [bank.caller(token)]
                            request.groups = [
                                .with { group in
                                    group.context.caller = 1
                                    group.transfers = [
                                        .with {
                                            $0.id = Data(repeating: id, count: 16)
                                            $0.transfer.debitAccount = debit
                                            $0.transfer.creditAccount = credit
                                            $0.transfer.amount = 1
                                            $0.transfer.currency = "USD"
                                        }
                                    ]
                                }
                            ]
                        }
                    ).groups[0]
                }
                #expect(try await pay(alice, 1).failure == .unauthenticated)
                #expect(try await pay(olga, 2).outcomes.count == 1)
                let count = "SELECT count(*) FROM teller.transfers WHERE id::text LIKE '01%'"
                #expect(try await bank.psql(count) == "0")
            }
        }

        /// What batches ask keeps a session open, and is noted once a minute.
        @Test func aBatchUsesItsCallersSessions() async throws {
            try await Asked.with { bank in
                let token = try await bank.logIn("alice", Asked.alice).token
                _ = try await bank.psql(
                    """
                    UPDATE identity.sessions
                    SET last_used_at = clock_timestamp() - interval '14 minutes'
                    """)
                _ = try await bank.service.balances.getBalances(
                    .with { $0.callers = [bank.caller(token)] })
                #expect(
                    try await bank.psql(
                        """
                        SELECT last_used_at > clock_timestamp() - interval '1 minute'
                        FROM identity.sessions
                        """) == "t")
            }
        }
    }
}
