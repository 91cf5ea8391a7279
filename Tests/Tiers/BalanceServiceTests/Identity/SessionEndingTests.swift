import BalanceAPI
import Chain
import Foundation
import Ledger
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// What one copy of the service has found of a token, and another one knows to be over. Here it would count
    /// for an hour.
    @Suite(.timeLimit(.minutes(3)))
    struct SessionEndingTests {
        /// Runs `body` with two copies that listen.
        private func withTwo(
            _ body: @Sendable (_ bank: Asked, _ other: RunningService) async throws -> Void
        ) async throws {
            try await Asked.with { bank in
                try await withService(
                    bank.url, with: { $0.sessionFreshness = .seconds(3600) }
                ) { other in
                    try await eventually {
                        try await bank.psql("SELECT count(*) \(Self.listeners)") == "2"
                    }
                    try await body(bank, other)
                }
            }
        }

        private static let listeners = """
            FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE 'LISTEN %' AND state = 'idle'
            """

        @Test func aSessionThatEndsInOneEndsInTheOther() async throws {
            try await withTwo { bank, other in
                let first = try await bank.logIn("alice", Asked.alice).token
                let second = try await bank.logIn("alice", Asked.alice).token
                let olga = try await bank.logIn("olga", Asked.olga).token
                for token in [first, second, olga] {
                    #expect(try await bank.counts(token, at: other))
                }
                #expect(try await bank.end(first, .current(true)).ended == 1)
                try await eventually { try await !bank.counts(first, at: other) }
                #expect(try await bank.counts(second, at: other))
                _ = try await bank.identity.disablePerson(bank.person(olga, "alice"))
                try await eventually { try await !bank.counts(second, at: other) }
                #expect(try await bank.counts(olga, at: other))
            }
        }

        /// What is known of everybody else still counts: also of olga, whose session ends without a word.
        @Test func onlyHersAreLookedUpAgain() async throws {
            try await withTwo { bank, other in
                let alice = try await bank.logIn("alice", Asked.alice).token
                let olga = try await bank.logIn("olga", Asked.olga).token
                for token in [alice, olga] { #expect(try await bank.counts(token, at: other)) }
                _ = try await bank.psql(
                    """
                    UPDATE identity.sessions SET ended_at = clock_timestamp()
                    WHERE person = (SELECT id FROM identity.people WHERE name = 'olga')
                    """)
                #expect(try await bank.end(alice, .current(true)).ended == 1)
                try await eventually { try await !bank.counts(alice, at: other) }
                #expect(try await bank.counts(olga, at: other))
                #expect(try await !bank.counts(olga, at: bank.service))
            }
        }

        /// As whoever runs the bank does by hand.
        @Test func aResetByTheCommandIsHeard() async throws {
            try await withTwo { bank, other in
                let token = try await bank.logIn("alice", Asked.alice).token
                #expect(try await bank.counts(token, at: other))
                let alice = NewPerson(
                    user: "alice", rights: .customer, password: Secret("another horse"))
                #expect(try await Asked.add(alice, in: bank.url, resets: true))
                try await eventually { try await !bank.counts(token, at: other) }
            }
        }

        /// Its transaction finds what nobody has said.
        @Test func aWriteTakesNoSessionForKnown() async throws {
            try await withTwo { bank, other in
                try await loadDemo(bank.url)
                let olga = try await bank.logIn("olga", Asked.olga).token
                #expect(try await bank.counts(olga, at: other))
                _ = try await bank.psql(
                    "UPDATE identity.sessions SET ended_at = clock_timestamp()")
                #expect(try await bank.counts(olga, at: other))
                let deposit = TransferRequest(
                    id: .random(), action: .deposit(credit: try number(17), amount: .usd(1)))
                let paid = try await other.ledger.submitTransfers(
                    .with { request in
                        request.callers = [bank.caller(olga)]
                        request.groups = [
                            .with {
                                $0.transfers = [.init(deposit)]
                                $0.context.caller = 1
                            }
                        ]
                    })
                #expect(paid.groups.map(\.failure) == [.unauthenticated])
                var opening = RunningService.OpenRequest.named("Zoë")
                opening.caller = bank.caller(olga)
                #expect(try await other.open(opening).failure == .unauthenticated)
                try await eventually {
                    try await bank.psql(
                        "SELECT count(*) FROM identity.events WHERE event = 'session_refused'")
                        == "2"
                }
                #expect(
                    try await bank.psql("SELECT count(*) FROM teller.account_requests") == "0")
            }
        }

        /// What was said meanwhile is lost: it listens again, and takes nothing for known.
        @Test func whoCouldNotListenAsksAgain() async throws {
            try await withTwo { bank, other in
                let token = try await bank.logIn("alice", Asked.alice).token
                #expect(try await bank.counts(token, at: other))
                _ = try await bank.psql(
                    "UPDATE identity.sessions SET ended_at = clock_timestamp()")
                #expect(try await bank.counts(token, at: other))
                _ = try await bank.psql("SELECT pg_terminate_backend(pid) \(Self.listeners)")
                try await eventually { try await !bank.counts(token, at: other) }
            }
        }
    }
}
