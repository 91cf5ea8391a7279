import BankAPI
import Ledger
import TestSupport
import Testing

extension ChainTests {
    /// Hundreds who ask at once, whose requests the tiers put into batches: each gets her own answer. By seed,
    /// though how they share batches is by chance.
    @Suite(.timeLimit(.minutes(5)))
    struct MixedCallersTests {
        private static let people = 100

        @Test func nobodyGetsAnothersAnswer() async throws {
            var random = SeededGenerator()
            let numbers = try (200..<200 + Self.people).map {
                try AccountNumber(bank: "DEMO", number: Int64($0))
            }
            let sessions = numbers.map { TestSession(user: "person\($0.number)") }
            let endings = Shared(MixedCaller.Endings())
            let callers = zip(numbers, sessions).flatMap { own, session in
                (0..<2).map { _ in
                    MixedCaller(
                        session: session, own: own, others: numbers.filter { $0 != own },
                        endings: endings, random: random.fork())
                }
            }
            let leaving = sessions.shuffled(using: &random).prefix(20)
            try await ChainHarness.with { chain async throws in
                try await Self.open(sessions, numbers, chain)
                let tally = try await Load.run(on: chain.bank.address, callers) { load in
                    for session in leaving {
                        try await load.waitForAnswers(100)
                        endings.update { $0.begun.insert(session.user) }
                        let answer = try await chain.answer(
                            "DELETE", BankRoute.currentSession,
                            authorization: session.authorization)
                        #expect(answer.status == 200, "\(answer.body)")
                        endings.update { $0.answered.insert(session.user) }
                    }
                    try await load.waitForAnswers(200)
                }.tally
                #expect(tally.failures.prefix(10) == [])
                let paid = try await TestPostgres.psql(
                    chain.database,
                    """
                    SELECT count(*), count(*) FILTER (WHERE requested_by <> owner)
                    FROM teller.transfers JOIN teller.accounts ON debit_account = accounts.id
                    WHERE transfers.kind = 'transfer' AND refusal IS NULL
                        AND requested_by IS NOT NULL
                    """
                ).split(separator: "|").compactMap { Int($0) }
                #expect(paid.count == 2 && paid[0] > 100 && paid[1] == 0, "\(paid)")
                #expect(try await chain.teller("audit").status == 0)
            }
        }

        /// Makes their accounts, with money on them.
        private static func open(
            _ sessions: [TestSession], _ numbers: [AccountNumber], _ chain: ChainHarness
        ) async throws {
            for session in sessions { try await session.open(in: chain.database) }
            try await TestPostgres.psql(
                chain.database,
                """
                INSERT INTO teller.accounts (id, bank, kind, name, currency, overdraft_limit, owner)
                SELECT id, 'DEMO', 'customer', 'Person', 'USD', 0, 'person' || id
                FROM generate_series(200, \(199 + people)) AS id
                """)
            let amount = Money(minorUnits: 100_000, currency: .usd)
            let deposits = numbers.map {
                TransferRequest(id: .anyID(), action: .deposit(credit: $0, amount: amount))
            }
            let answer = try await chain.answer(
                "POST", BankRoute.transferBatch,
                try BankJSON.encode(TransferBatch(ledger: nil, atomic: true, transfers: deposits)))
            #expect(answer.status == 200 && answer.problemCode == nil, "\(answer.body)")
        }
    }
}
