import BankAPI
import Foundation
import Ledger
import TestSupport
import Testing

extension ChainTests {
    /// Transfers through all four tiers, as a person sees them.
    @Suite(.timeLimit(.minutes(3)))
    struct WriteTests {
        /// Two of the demo bank's, with money in US dollars.
        private static func accounts() throws -> [AccountNumber] {
            try [17, 18, 41].map { try AccountNumber(bank: "DEMO", number: $0) }
        }

        private static func writers() throws -> [TransferWriter] {
            TransferWriter.several(16, between: try accounts())
        }

        private static func teller(_ chain: FaultyChain) -> TellerBank {
            TellerBank(server: "http://\(chain.address)", folder: chain.folder)
        }

        @Test func aTransferIsSeenAtOnce() async throws {
            try await FaultyChain.with { chain async throws in
                try await eventually { try await chain.isWhole() }
                let teller = Self.teller(chain)
                let accounts = try Self.accounts()
                for _ in 0..<3 {
                    let answer = try await teller.output(
                        "transfer", "1.00", accounts[0].compact, accounts[1].compact,
                        "--output", "json")
                    #expect(answer.status == 0, "\(answer.output)")
                    let transfer = try BankJSON.decoder().decode(
                        Transfer.self, from: Data(answer.output.utf8))
                    let leg = try #require(transfer.record?.debitLeg)
                    let balance = try await teller.output(
                        "balance", accounts[0].compact, "--at-least-version", "\(leg.version)",
                        "--output", "json")
                    let seen = try BankJSON.decoder().decode(
                        [Balance].self, from: Data(balance.output.utf8))
                    #expect(seen.first?.version == leg.version)
                    #expect(seen.first?.balance.minorUnits == leg.balanceAfter)
                }
                let later = try await teller.output(
                    "balance", accounts[0].compact, "--at-least-version", "1000000", "--timeout",
                    "1s")
                #expect(later.status != 0, "\(later.output)")
            }
        }

        /// The bank's own times are times that it can be asked about, to the microsecond.
        @Test func anAccountIsThereWhenItWasOpened() async throws {
            try await FaultyChain.with { chain async throws in
                try await eventually { try await chain.isWhole() }
                let teller = Self.teller(chain)
                let opened = try await teller.output(
                    "open", "--name", "Zoë", "--currency", "USD", "--output", "json")
                #expect(opened.status == 0, "\(opened.output)")
                let account = try BankJSON.decoder().decode(
                    Account.self, from: Data(opened.output.utf8))
                let exact = try await TestPostgres.psql(
                    chain.database,
                    """
                    SELECT (extract(epoch FROM opened_at) * 1000000)::bigint FROM teller.accounts
                    WHERE id = \(account.account.number)
                    """)
                #expect("\(account.openedAt.microseconds)" == exact)
                let before = Timestamp(microseconds: account.openedAt.microseconds - 1)
                for (time, status) in [(account.openedAt, Int32?(0)), (before, 67)] {
                    let answer = try await teller.output(
                        "balance", account.account.compact, "--at", "\(time)")
                    #expect(answer.status == status, "\(answer.output)")
                }
            }
        }

        @Test func cashIsNotACustomers() async throws {
            try await FaultyChain.with { chain async throws in
                try await eventually { try await chain.isWhole() }
                let cash = try AccountNumber(bank: "DEMO", number: 1).compact
                let customer = try Self.accounts()[0].compact
                for (debit, credit) in [(cash, customer), (customer, cash)] {
                    let answer = try await Self.teller(chain).output(
                        "transfer", "1.00", debit, credit)
                    #expect(answer.status == 1, "\(answer.output)")
                    #expect(
                        answer.output.contains("no account has this number"), "\(answer.output)")
                }
                try await expectAuditIsClean(chain.database)
            }
        }

        /// The bank server is killed while a transfer is on its way: not known, until asked again.
        @Test func aLostAnswerIsResumed() async throws {
            try await FaultyChain.with { chain async throws in
                try await eventually { try await chain.isWhole() }
                let teller = Self.teller(chain)
                let accounts = try Self.accounts()
                let before = try await balance(of: accounts[0], chain)
                let id = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55"
                try await whilePostingWaits(chain.database) { () async throws in
                    async let transfer = teller.output(
                        "transfer", "1.00", accounts[0].compact, accounts[1].compact,
                        "--id", id, "--timeout", "20s")
                    try await waitForBlocked(chain.database)
                    chain.bank.process.send(SIGKILL)
                    let (status, output) = try await transfer
                    #expect(status == 2, "\(output)")
                    #expect(output.contains("UNKNOWN") && output.contains(id), "\(output)")
                }
                let pending = try await teller.output("pending")
                #expect(pending.status == 0 && pending.output.contains(id), "\(pending)")
                #expect(try await teller.output("resume").status == 2)

                try await chain.bank.kill(for: .zero)
                try await eventually { try await chain.isWhole() }
                let resumed = try await teller.output("resume")
                #expect(resumed.status == 0 && resumed.output.contains(id), "\(resumed)")
                #expect(try await balance(of: accounts[0], chain) == before - 100)
                #expect(try await !teller.output("pending").output.contains(id))
                let audit = try await teller.output("audit", "--journal")
                #expect(audit.status == 0, "\(audit.output)")
            }
        }

        /// Who was accepted is answered, and with more than a shrug.
        @Test func theBankServerDrains() async throws {
            try await ChainHarness.with(services: 2) { chain async throws in
                let (status, tally) = try await Load.run(on: chain.bank.address, try Self.writers())
                { load async throws in
                    try await load.waitForAnswers(100)
                    chain.bank.process.send(SIGTERM)
                    return try await chain.bank.process.waitForExit(within: .seconds(20))
                }
                #expect(status == 0)
                #expect(tally.failures == [])
                // Each of the callers ended at a closed door.
                #expect(tally.turnedAway == 16)
                // And what was not answered was not done either.
                #expect(try await transfersMade(chain.database) == tally.done)
                try await expectAuditIsClean(chain.database)
            }
        }

        /// One of two ends, and no write fails.
        @Test func aBalanceServiceDrains() async throws {
            try await ChainHarness.with(services: 2) { chain async throws in
                let (status, tally) = try await Load.run(on: chain.bank.address, try Self.writers())
                { load async throws in
                    try await load.waitForAnswers(100)
                    chain.services[1].process.send(SIGTERM)
                    let status = try await chain.services[1].process.waitForExit(
                        within: .seconds(20))
                    try await load.waitForAnswers(100)
                    return status
                }
                #expect(status == 0)
                #expect(tally.failures == [])
                #expect(tally.turnedAway == 0)
                try await expectAuditIsClean(chain.database)
            }
        }

        /// More than may wait is turned away at once, and what waits is done.
        @Test func anOverload() async throws {
            try await ChainHarness.with { chain async throws in
                let accounts = try Self.accounts()
                let bodies = try Self.batches(40, accounts)
                let address = chain.bank.address
                let answers = try await withThrowingTaskGroup(of: HTTPAnswer?.self) { group in
                    try await whilePostingWaits(chain.database) { () async throws in
                        for body in bodies {
                            group.addTask {
                                var connection = BankConnection(address)
                                defer { connection.close() }
                                let reply = await connection.send(
                                    "POST", BankRoute.transferBatch, body: body,
                                    timeout: .seconds(60))
                                guard case .answered(let answer) = reply else { return nil }
                                return answer
                            }
                        }
                        // While nothing moves, only those that are turned away are answered.
                        let first = try await group.next()
                        #expect(first??.status == 503)
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let refused = answers.filter { $0?.status == 503 }
                for answer in refused {
                    #expect(answer?.problemCode == "overloaded", "\(answer?.body ?? "")")
                    #expect(answer?["retry-after"] != nil)
                }
                #expect(answers.allSatisfy { $0?.status == 200 || $0?.status == 503 })
                let done = try await TestPostgres.psql(
                    chain.database, "SELECT count(*) FROM teller.transfers WHERE memo = 'overload'")
                #expect(Int(done) == 500 * (answers.count - refused.count))
                try await expectAuditIsClean(chain.database)
            }
        }

        private static func batches(_ count: Int, _ accounts: [AccountNumber]) throws -> [[UInt8]] {
            let currency = try #require(Currency(code: "USD"))
            var workload = Workload(
                random: SeededGenerator(seed: 1), accounts: accounts, currency: currency,
                subjects: Subjects())
            let memo = try ShortText("overload")
            return try (0..<count).map { _ in
                let transfers = (0..<TransferBatch.limit).map { _ in
                    var transfer = workload.transfer()
                    transfer.memo = memo
                    return transfer
                }
                return try BankJSON.encode(
                    TransferBatch(ledger: nil, atomic: true, transfers: transfers))
            }
        }

        /// Those of today: the demo data's are older.
        private func transfersMade(_ database: String) async throws -> Int? {
            Int(
                try await TestPostgres.psql(
                    database,
                    """
                    SELECT count(*) FROM teller.transfers
                    WHERE created_at > clock_timestamp() - interval '1 hour'
                    """))
        }

        private func balance(of account: AccountNumber, _ chain: FaultyChain) async throws -> Int64
        {
            let text = try await TestPostgres.psql(
                chain.database, "SELECT balance FROM teller.accounts WHERE id = \(account.number)")
            return try #require(Int64(text))
        }

        private func expectAuditIsClean(_ database: String) async throws {
            let file = projectFolder.appendingPathComponent("sql/audit.sql")
            let rows = try await TestPostgres.psql(
                database, try String(contentsOf: file, encoding: .utf8))
            for row in rows.split(separator: "\n") {
                let columns = row.split(separator: "|", omittingEmptySubsequences: false)
                #expect(columns.count > 2 && columns[2] == "0", "\(row)")
            }
        }
    }
}
