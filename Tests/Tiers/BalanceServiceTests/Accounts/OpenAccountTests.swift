import BalanceAPI
import Foundation
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension RunningService {
    typealias OpenRequest = Teller_Balance_V1_OpenAccountRequest
    typealias OpenResponse = Teller_Balance_V1_OpenAccountResponse

    func open(_ request: OpenRequest) async throws -> OpenResponse {
        try await ledger.openAccount(request)
    }

    /// - Returns: The number of a new account.
    func openAccount(limit: Int64 = 0) async throws -> Int64 {
        try AccountNumber(try await open(.named("Zoë", limit: limit)).account.account).number
    }
}

extension Teller_Balance_V1_OpenAccountRequest {
    static func named(
        _ name: String, _ currency: String = "USD", limit: Int64 = 0, id: Identifier = .random()
    ) -> Self {
        .with {
            $0.id = Data(id.bytes)
            $0.name = name
            $0.currency = currency
            $0.overdraftLimit = limit
        }
    }
}

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct OpenAccountTests {
        typealias Request = RunningService.OpenRequest

        private func count(_ table: String, in url: String) async throws -> String {
            try await TestPostgres.psql(url, "SELECT count(*) FROM teller.\(table)")
        }

        @Test(.bankService) func opensWithTheNextNumberAndTheCashOfItsCurrency() async throws {
            let first = try await service.open(.named("Zoë, everyday", "KWD", limit: 5)).account
            #expect(first.name == "Zoë, everyday" && first.currency == "KWD")
            #expect(first.balance == 0 && first.version == 0 && first.overdraftLimit == 5)
            #expect(first.openedAtMicroseconds > 1_700_000_000_000_000)
            let number = try AccountNumber(first.account)
            #expect(number.bank == "DEMO" && number.number >= 1000)
            let second = try await service.open(.named("Zoë, savings", "KWD")).account
            #expect(try AccountNumber(second.account) > number)
            #expect(
                try await TestPostgres.psql(
                    service.database,
                    "SELECT name, bank FROM teller.accounts WHERE kind = 'cash' AND currency = 'KWD'"
                ) == "Cash, KWD|DEMO")
            #expect(try await brokenInvariants(service.database) == [])
        }

        @Test(.bankService) func aRepeatIsAnsweredAsTheFirstWas() async throws {
            let request = Request.named("Zoë")
            let first = try await service.open(request)
            let number = try AccountNumber(first.account.account).number
            try await TestPostgres.psql(
                service.database, LedgerSQL.transfer(1, from: 1, to: number, 500, kind: "deposit"))
            #expect(try await service.open(request) == first)
            #expect(try await service.balances(number) == [500])
        }

        @Test(.bankService) func anIDHasOneContent() async throws {
            let id = Identifier.random()
            _ = try await service.open(.named("Zoë", limit: 5, id: id))
            for other in [
                Request.named("Zoe", limit: 5, id: id), .named("Zoë", "EUR", limit: 5, id: id),
                .named("Zoë", limit: 6, id: id),
                .named("Zoë", id: try #require(Identifier("0000de30-0000-7000-8000-000000000001"))),
            ] { #expect(try await service.open(other).refused == "id_used_with_other_content") }
            let transfer = try TransferRequest.deposit(1, to: 17, id: id)
            #expect(try await service.submit(transfer)[0].refusal == .idUsedWithOtherContent)
            #expect(try await count("account_requests", in: service.database) == "1")
        }

        /// One id, asked again and again of two services at once.
        @Test func concurrentRepeatsOpenOneAccount() async throws {
            try await withBankService { one async throws in
                try await withService(one.database) { two async throws in
                    let request = Request.named("Zoë", "CHF")
                    let answers = try await withThrowingTaskGroup(
                        of: RunningService.OpenResponse.self
                    ) { group in
                        for index in 0..<100 {
                            group.addTask { try await (index % 2 == 0 ? one : two).open(request) }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(Set(answers).count == 1 && answers[0].account.name == "Zoë")
                    #expect(try await count("account_requests", in: one.database) == "1")
                    #expect(try await count("accounts", in: one.database) == "16")
                }
            }
        }

        @Test(.bankService) func concurrentRequestsShareTheCashOfACurrency() async throws {
            let numbers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<32 {
                    group.addTask { try await service.open(.named("Zoë", "CHF")).account.account }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(numbers.count == 32)
            #expect(try await brokenInvariants(service.database) == [])
        }

        /// Accounts that somebody loaded with numbers of the sequence.
        @Test(.bankService) func passesOverNumbersThatAreTaken() async throws {
            try await TestPostgres.psql(
                service.database,
                """
                INSERT INTO teller.accounts (id, bank, currency, name)
                SELECT id, 'DEMO', 'USD', 'Loaded' FROM generate_series(1000, 1003) AS id
                """)
            let account = try await service.open(.named("Zoë")).account
            #expect(try AccountNumber(account.account).number > 1003)
            #expect(try await brokenInvariants(service.database) == [])
        }

        @Test func theFirstAccountIsOfTheBankThatIsSet() async throws {
            try await TestPostgres.withFreshDatabase("empty") { url async throws in
                try await migrate(url)
                try await withService(url, bank: "OMAN") { service async throws in
                    #expect(try await service.ledger.getLedger(.init()).bank == "OMAN")
                    let account = try await service.open(.named("Zoë")).account.account
                    #expect(try AccountNumber(account).bank == "OMAN")
                }
                // Afterwards the accounts say it.
                try await withService(url) { service async throws in
                    let account = try await service.open(.named("Zoë")).account.account
                    #expect(try AccountNumber(account).bank == "OMAN")
                    #expect(try await service.ledger.getLedger(.init()).bank == "OMAN")
                }
                #expect(try await brokenInvariants(url) == [])
            }
        }

        @Test(.bankService) func keepsToTheLedgerItIsMeantFor() async throws {
            let ledger = try await service.ledger.getLedger(.init())
            #expect(ledger.bank == "DEMO" && ledger.ledger.count == 16)
            var request = Request.named("Zoë")
            request.ledger = Data(Identifier.random().bytes)
            #expect(try await service.open(request).failure == .otherLedger)
            request.ledger = ledger.ledger
            #expect(try await service.open(request).account.name == "Zoë")
        }

        private static let invalid: [(Request, BalanceErrorReason)] = [
            (Request.named(""), BalanceErrorReason.requestInvalid),
            (.named("a\u{1B}[2J"), .requestInvalid),
            (.named(String(repeating: "x", count: 141)), .requestInvalid),
            (.named("Zoë", limit: -1), .requestInvalid), (.named("Zoë", "XXQ"), .currencyInvalid),
            (
                .with {
                    $0.name = "Zoë";
                    $0.currency = "USD"
                }, .requestInvalid
            ),
            (
                .with {
                    $0.name = "Zoë";
                    $0.currency = "USD";
                    $0.id = Data(repeating: 1, count: 15)
                }, .requestInvalid
            ),
        ]

        @Test(.bankService) func refusesWhatMakesNoSense() async throws {
            for (request, reason) in Self.invalid {
                await expectFailure(.invalidArgument, because: reason) {
                    try await service.open(request)
                }
            }
            #expect(try await count("account_requests", in: service.database) == "0")
        }

        @Test(
            .bankService,
            arguments: [
                (" ", 0, "name_invisible"), ("\u{200B}\u{2800}", 0, "name_invisible"),
                ("Zoë", LedgerLimits.balance + 1, "amount_too_large"),
                ("Zoë", .max, "amount_too_large"),
            ] as [(String, Int64, String)]) func aRefusalIsKept(
                name: String, limit: Int64, refusal: String
            ) async throws
        {
            let id = Identifier.random()
            let most = Request.named("Zoë", limit: LedgerLimits.balance)
            #expect(try await service.open(most).account.name == "Zoë")
            let before = try await count("accounts", in: service.database)
            for _ in 0..<2 {
                let answer = try await service.open(.named(name, limit: limit, id: id))
                #expect(answer.refused == refusal)
            }
            #expect(
                try await service.open(.named("Zoë", id: id)).refused
                    == "id_used_with_other_content")
            #expect(try await count("accounts", in: service.database) == before)
            #expect(try await brokenInvariants(service.database) == [])
        }

        /// Connections that end at any moment, COMMIT too, cost no account and make none twice.
        @Test(.bankService) func outlivesItsConnections() async throws {
            let requests = (0..<60).map { Request.named("Zoë \($0)") }
            let stop = Flag()
            let answers = try await withThrowingTaskGroup(of: String?.self) { group in
                group.addTask {
                    while !stop.isRaised {
                        try await TestPostgres.psql(
                            service.database,
                            """
                            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                            WHERE datname = current_database()
                            AND application_name = 'balance-service'
                            ORDER BY state_change DESC LIMIT 1
                            """)
                    }
                    return nil
                }
                group.addTask {
                    defer { stop.raise() }
                    for request in requests { _ = try? await service.open(request) }
                    return nil
                }
                for try await _ in group {}
                var numbers: [String] = []
                for request in requests {
                    numbers.append(try await service.open(request).account.account)
                }
                return numbers
            }
            #expect(Set(answers).count == requests.count)
            #expect(try await brokenInvariants(service.database) == [])
            #expect(
                try await count("accounts WHERE name LIKE 'Zoë %'", in: service.database)
                    == "\(requests.count)")
        }
    }
}
