import BalanceAPI
import Chain
import GRPCCore
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// Many callers at once, on few accounts.
    @Suite(.timeLimit(.minutes(3))) struct PostingRaceTests {
        @Test(.postingService(customers: 2)) func sixtyFourDrainOneAccount() async throws {
            _ = try await service.submit(try .deposit(10_050, to: 100))
            let outcomes = try await withThrowingTaskGroup(of: [TransferOutcome].self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        var outcomes: [TransferOutcome] = []
                        for _ in 0..<4 {
                            outcomes += try await service.submit(
                                try .transfer(100, from: 100, to: 101))
                        }
                        return outcomes
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(outcomes.count == 256)
            #expect(outcomes.filter { $0.record != nil }.count == 100)
            #expect(outcomes.filter { $0.refusal == .insufficientFunds }.count == 156)
            #expect(try await service.balances(100, 101) == [50, 10_000])
        }

        /// Two services, so that batches meet whose accounts are the same in every order.
        @Test func stormsBetweenEightAccounts() async throws {
            try await withPostingBank(customers: 8, limit: 1_000_000) { url in
                try await withService(url) { first async throws in
                    try await withService(url) { second async throws in
                        try await withThrowingDiscardingTaskGroup { group in
                            for caller in 0..<32 {
                                group.addTask {
                                    try await storm(caller % 2 == 0 ? first : second, calls: 20)
                                }
                            }
                        }
                        let sum = try await first.balances(100, 101, 102, 103, 104, 105, 106, 107)
                        #expect(sum.reduce(0, +) == 0)
                    }
                }
            }
        }

        private func storm(_ service: RunningService, calls: Int) async throws {
            for _ in 0..<calls {
                let pair = (Int64(100)...107).shuffled().prefix(3)
                let outcomes = try await service.submit(
                    try .transfer(.random(in: 1...9), from: pair[0], to: pair[1]),
                    try .transfer(.random(in: 1...9), from: pair[1], to: pair[2]))
                #expect(outcomes.allSatisfy { $0.record != nil })
            }
        }

        @Test func oneIDAHundredTimesAtOnce() async throws {
            try await withPostingBank(customers: 2) { url in
                try await withService(url) { first async throws in
                    try await withService(url) { second async throws in
                        _ = try await first.submit(try .deposit(1000, to: 100))
                        let request = try TransferRequest.transfer(7, from: 100, to: 101)
                        // What names no account has no lock to wait for: only the id itself.
                        let lost = TransferRequest(id: .random(), action: .void(hold: .random()))
                        let outcomes = try await withThrowingTaskGroup(of: [TransferOutcome].self) {
                            group in
                            for caller in 0..<100 {
                                let service = caller % 2 == 0 ? first : second
                                group.addTask {
                                    try await service.submit(request) + service.submit(lost)
                                }
                            }
                            return try await group.reduce(into: []) { $0.append($1) }
                        }
                        #expect(outcomes.count == 100)
                        #expect(Set(outcomes).count == 1)
                        #expect(outcomes[0][1] == .refused(.holdUnknown))
                        #expect(try await first.balances(100, 101) == [993, 7])
                    }
                }
            }
        }

        /// The same id for different things, at once: the first has it.
        @Test(.postingService(customers: 40)) func oneIDForManyThings() async throws {
            let id = Identifier.random()
            let outcomes = try await withThrowingTaskGroup(of: TransferOutcome.self) { group in
                for customer in Int64(100)..<140 {
                    group.addTask {
                        try await service.submit(try .deposit(1, to: customer, id: id))[0]
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0.record != nil }.count == 1)
            #expect(outcomes.filter { $0.refusal == .idUsedWithOtherContent }.count == 39)
        }

        @Test func aHoldIsResolvedOnce() async throws {
            try await withPostingBank(customers: 2) { url in
                try await withService(url) { first async throws in
                    try await withService(url) { second async throws in
                        _ = try await first.submit(try .deposit(10_000, to: 100))
                        for _ in 0..<6 { try await race(first, second) }
                        let left = try await TestPostgres.psql(
                            url, "SELECT held FROM teller.accounts WHERE id = 100")
                        #expect(left == "0")
                    }
                }
            }
        }

        /// Posts and voids one hold from all sides, about when it expires.
        private func race(_ services: RunningService...) async throws {
            let hold = try TransferRequest.hold(100, from: 100, to: 101, seconds: 1)
            #expect(try await services[0].submit(hold)[0].record != nil)
            try await Task.sleep(for: .milliseconds(.random(in: 800...1050)))
            let outcomes = try await withThrowingTaskGroup(of: TransferOutcome.self) { group in
                for caller in 0..<20 {
                    let action: TransferRequest.Action =
                        caller % 2 == 0 ? .post(hold: hold.id, amount: nil) : .void(hold: hold.id)
                    group.addTask {
                        try await services[caller / 2 % 2].submit(
                            TransferRequest(id: .random(), action: action))[0]
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let winners = outcomes.compactMap(\.record)
            let losers = Set(outcomes.compactMap(\.refusal))
            switch winners.first?.kind {
            case .post: #expect(losers == [.holdAlreadyPosted])
            case .void: #expect(losers == [.holdAlreadyVoided])
            default: #expect(losers == [.holdExpired])
            }
            #expect(winners.count <= 1)
        }

        @Test(.postingService(customers: 2)) func holdsExpireThoughNobodyAsks() async throws {
            _ = try await service.submit(try .deposit(100, to: 100))
            _ = try await service.submit(try .hold(100, from: 100, to: 101, seconds: 1))
            #expect(
                try await service.submit(try .transfer(1, from: 100, to: 101))[0].refusal
                    == .insufficientFunds)
            try await eventually {
                try await TestPostgres.psql(
                    service.database, "SELECT held FROM teller.accounts WHERE id = 100") == "0"
            }
            #expect(
                try await service.submit(try .transfer(100, from: 100, to: 101))[0].record != nil)
        }
    }
}
