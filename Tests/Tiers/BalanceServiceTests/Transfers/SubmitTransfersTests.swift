import BalanceAPI
import Chain
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct SubmitTransfersTests {
        @Test(.postingService(customers: 2)) func movesMoney() async throws {
            let deposit = try await service.submit(try .deposit(1000, to: 100))[0].record
            #expect(deposit?.debit?.number == 1)
            #expect(deposit?.debitLeg == .init(version: 1, balanceAfter: -1000))
            #expect(deposit?.creditLeg == .init(version: 1, balanceAfter: 1000))
            let transfer = try await service.submit(try .transfer(300, from: 100, to: 101))[0]
            #expect(transfer.record?.debitLeg == .init(version: 2, balanceAfter: 700))
            let withdrawal = TransferRequest(
                id: .random(), action: .withdrawal(debit: try number(101), amount: .usd(100)),
                memo: try ShortText("Für Ōsaka"))
            let record = try await service.submit(withdrawal)[0].record
            #expect(record?.memo?.description == "Für Ōsaka")
            #expect(record?.creditLeg == .init(version: 2, balanceAfter: -900))
            #expect(try await service.balances(1, 100, 101) == [-900, 700, 200])
        }

        @Test(.postingService(customers: 2)) func aRepeatGetsTheFirstOutcome() async throws {
            _ = try await service.submit(try .deposit(1000, to: 100))
            let done = try TransferRequest.transfer(1000, from: 100, to: 101)
            let refused = try TransferRequest.transfer(1, from: 100, to: 101)
            let outcomes = [
                try await service.submit(done)[0], try await service.submit(refused)[0],
            ]
            #expect(outcomes[0].record != nil)
            #expect(outcomes[1] == .refused(.insufficientFunds))
            _ = try await service.submit(try .deposit(5, to: 100))
            #expect(try await service.submit(done)[0] == outcomes[0])
            #expect(try await service.submit(refused)[0] == outcomes[1])
            var other = done
            other.memo = try ShortText("other")
            #expect(try await service.submit(other)[0] == .refused(.idUsedWithOtherContent))
            #expect(try await service.submit(done)[0] == outcomes[0])
            #expect(try await service.balances(100, 101) == [5, 1000])
        }

        @Test(.postingService(customers: 3)) func linkedOnesAreDoneAllOrNone() async throws {
            let good = try TransferRequest.deposit(1000, to: 100)
            let bad = try TransferRequest.transfer(2000, from: 100, to: 101)
            let also = try TransferRequest.deposit(1, to: 102)
            let refusals: [Refusal?] = [.linkedRefused, .insufficientFunds, .linkedRefused]
            for _ in 0..<2 {
                let outcomes = try await service.submit(good, bad, also)
                #expect(outcomes.map(\.refusal) == refusals)
            }
            #expect(try await service.balances(1, 100, 101, 102) == [0, 0, 0, 0])
            let both = try await service.submit(
                try .deposit(1000, to: 100), try .transfer(400, from: 100, to: 101))
            #expect(both.allSatisfy { $0.record != nil })
            #expect(try await service.balances(100, 101) == [600, 400])
        }

        /// In one batch and in batches of their own: what a request is about is found in both.
        @Test(.postingService(customers: 2), arguments: [true, false]) func holdsAndReversals(
            together: Bool
        ) async throws {
            let hold = try TransferRequest.hold(600, from: 100, to: 101)
            let deposit = try TransferRequest.deposit(1000, to: 100)
            let requests = [
                deposit, hold, try .transfer(500, from: 100, to: 101),
                TransferRequest(id: .random(), action: .post(hold: hold.id, amount: .usd(200))),
                TransferRequest(id: .random(), action: .void(hold: hold.id)),
                TransferRequest(id: .random(), action: .reversal(of: deposit.id)),
                try .transfer(200, from: 101, to: 100),
                TransferRequest(id: .random(), action: .reversal(of: deposit.id)),
                TransferRequest(id: .random(), action: .reversal(of: deposit.id)),
                TransferRequest(id: .random(), action: .reversal(of: .random())),
                TransferRequest(id: .random(), action: .post(hold: .random(), amount: nil)),
            ]
            let refusals: [Refusal?] = [
                nil, nil, .insufficientFunds, nil, .holdAlreadyPosted, .insufficientFunds, nil, nil,
                .alreadyReversed, .transferUnknown, .holdUnknown,
            ]
            for _ in 0..<2 {
                let outcomes = try await submit(requests, together: together, to: service)
                #expect(outcomes.map(\.refusal) == refusals)
            }
            #expect(try await service.balances(1, 100, 101) == [0, 0, 0])
        }

        private func submit(
            _ requests: [TransferRequest], together: Bool, to service: RunningService
        ) async throws -> [TransferOutcome] {
            if together {
                let groups = requests.map { request in
                    Teller_Balance_V1_TransferGroup.with { $0.transfers = [.init(request)] }
                }
                return try await service.submit(groups: groups).map {
                    try $0.outcomes[0].ledgerOutcome()
                }
            }
            var outcomes: [TransferOutcome] = []
            for request in requests { outcomes += try await service.submit(request) }
            return outcomes
        }

        @Test(.postingService(customers: 2)) func whatIsForOthersIsNotKept() async throws {
            let stranger = TransferRequest(
                id: .random(),
                action: .deposit(credit: try number(100, bank: "ELSE"), amount: .usd(1)))
            let outcomes = try await service.submit(stranger, try .deposit(1, to: 100))
            #expect(outcomes.map(\.refusal) == [.accountUnknown, .linkedRefused])
            let own = try TransferRequest.deposit(1, to: 100)
            let elsewhere = Teller_Balance_V1_TransferGroup.with {
                $0.transfers = [.init(own)]
                $0.ledger = .init(Identifier.random().bytes)
            }
            let unknown = Teller_Balance_V1_TransferGroup.with {
                $0.transfers = [.init(stranger)]
                $0.transfers[0].deposit.creditAccount = (try? account(999)) ?? ""
            }
            let answers = try await service.submit(groups: [elsewhere, unknown])
            #expect(answers[0].failure == .otherLedger)
            #expect(answers[1].outcomes.map(\.refused) == ["account_unknown"])
            let kept = try await TestPostgres.psql(
                service.database, "SELECT refusal FROM teller.transfers")
            #expect(kept == "account_unknown")
        }

        /// Money of cash is nobody's: a transfer from it would make some. For people it is not there.
        @Test(.postingService(customers: 1)) func cashIsNotACustomers() async throws {
            let deposit = try TransferRequest.deposit(1000, to: 100)
            let requests = [
                try TransferRequest.transfer(500, from: 1, to: 100),
                try .transfer(500, from: 100, to: 1), try .hold(500, from: 1, to: 100),
                try .hold(500, from: 100, to: 1),
            ]
            #expect(try await service.submit(deposit)[0].record != nil)
            for _ in 0..<2 {
                for request in requests {
                    #expect(try await service.submit(request)[0] == .refused(.accountUnknown))
                }
            }
            #expect(try await service.balances(1, 100) == [-1000, 1000])
            let reversal = TransferRequest(id: .random(), action: .reversal(of: deposit.id))
            #expect(try await service.submit(reversal)[0].record != nil)
            #expect(try await service.balances(1, 100) == [0, 0])
            let kept = try await TestPostgres.psql(
                service.database,
                "SELECT count(*) FROM teller.transfers WHERE refusal = 'account_unknown'")
            #expect(kept == "4")
        }

        /// A ledger without accounts is the bank's already: what it refuses, it keeps.
        @Test func aRefusalBeforeTheFirstAccountIsKept() async throws {
            try await TestPostgres.withFreshDatabase("empty") { url async throws in
                try await migrate(url)
                try await withService(url) { service async throws in
                    let deposit = try TransferRequest.deposit(5, to: 1000)
                    let foreign = TransferRequest(
                        id: .random(),
                        action: .deposit(credit: try number(1000, bank: "ELSE"), amount: .usd(5)))
                    for request in [deposit, foreign] {
                        #expect(try await service.submit(request)[0] == .refused(.accountUnknown))
                    }
                    #expect(
                        try await TestPostgres.psql(url, "SELECT id FROM teller.transfers")
                            == deposit.id.description)
                    let opened = try await service.open(.named("Zoë")).account
                    #expect(try AccountNumber(opened.account).number == 1000)
                    #expect(try await service.submit(deposit)[0] == .refused(.accountUnknown))
                    #expect(try await service.balances(1000) == [0])
                }
            }
        }

        @Test(.postingService(customers: 1)) func oneTransferHasABound() async throws {
            let most = try TransferRequest.deposit(LedgerLimits.transfer, to: 100)
            let more = try TransferRequest.deposit(LedgerLimits.transfer + 1, to: 100)
            for _ in 0..<2 {
                #expect(try await service.submit(most)[0].record != nil)
                #expect(try await service.submit(more)[0] == .refused(.amountTooLarge))
            }
            #expect(try await service.balances(100) == [LedgerLimits.transfer])
            // The database has it as well.
            await #expect(throws: CommandError.self) {
                try await TestPostgres.psql(
                    service.database,
                    LedgerSQL.transfer(
                        1, from: 1, to: 100, LedgerLimits.transfer + 1, kind: "deposit"))
            }
        }

        /// Not kept: under an id that everybody may have by mistake, the next would get the first's answer.
        @Test(.postingService(customers: 1)) func zerosAndOnesAreNoID() async throws {
            for word in [UInt64.min, .max] {
                let id = Identifier(high: word, low: word)
                let request = try TransferRequest.deposit(5, to: 100, id: id)
                #expect(try await service.submit(request)[0] == .refused(.idInvalid))
                #expect(try await service.open(.named("Zoë", id: id)).refused == "id_invalid")
            }
            #expect(try await service.balances(100) == [0])
            let kept = try await TestPostgres.psql(
                service.database,
                "SELECT id FROM teller.transfers UNION SELECT id FROM teller.account_requests")
            #expect(kept.isEmpty)
        }

        @Test(.postingService(customers: 1)) func whatMakesNoSenseIsRefused() async throws {
            let good = Teller_Balance_V1_TransferRequest(try .deposit(1, to: 100))
            func changed(_ change: (inout Teller_Balance_V1_TransferRequest) -> Void)
                -> [Teller_Balance_V1_TransferGroup]
            {
                var bad = good
                change(&bad)
                return [.with { $0.transfers = [good] }, .with { $0.transfers = [bad] }]
            }
            let requests = [
                [.init()], changed { $0.id = .init([1, 2, 3]) }, changed { $0.action = nil },
                changed { $0.memo = "a\u{1B}[0m" },
                changed { $0.memo = String(repeating: "a", count: 141) },
                changed { $0.deposit.creditAccount = "XB00DEMO0000000017" },
                changed { $0.deposit.currency = "XXX" },
                changed { $0.deposit.debitAccount = $0.deposit.creditAccount },
                changed { bad in
                    let account = bad.deposit.creditAccount
                    bad.withdrawal = bad.deposit
                    bad.withdrawal.debitAccount = account
                },
                changed { bad in
                    bad.post.hold = bad.id
                    bad.post.currency = "USD"
                },
            ]
            for groups in requests {
                await expectFailure(because: .requestInvalid) {
                    try await service.submit(groups: groups)
                }
            }
            let many = Teller_Balance_V1_TransferGroup.with {
                $0.transfers = Array(repeating: good, count: 1001)
            }
            await expectFailure(because: .tooManyQueries) {
                try await service.submit(groups: [many])
            }
            #expect(try await service.balances(100) == [0])
        }

        @Test(.postingService(customers: 100)) func aThousandInOneCall() async throws {
            let groups = try (0..<1000).map { index in
                try Teller_Balance_V1_TransferGroup.with {
                    $0.transfers = [.init(try .deposit(1, to: Int64(100 + index % 100)))]
                }
            }
            let outcomes = try await service.submit(groups: groups)
            #expect(outcomes.allSatisfy { $0.outcomes.first?.done.hasDebit == true })
            #expect(try await service.submit(groups: groups) == outcomes)
            #expect(try await service.balances(1, 100, 199) == [-1000, 10, 10])
        }
    }
}
