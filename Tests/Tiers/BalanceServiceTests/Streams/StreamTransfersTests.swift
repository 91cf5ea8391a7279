import BalanceAPI
import Chain
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct StreamTransfersTests {
        private func group(_ requests: TransferRequest..., timeout: UInt64 = 0, trace: String = "")
            -> Teller_Balance_V1_TransferGroup
        {
            .with {
                $0.transfers = requests.map { .init($0) }
                $0.context.timeoutMicroseconds = timeout
                $0.context.traceparent = trace
            }
        }

        /// A batch whose answer was lost is sent again, on whichever stream.
        @Test(.postingService(customers: 2))
        func aRepeatOnAnotherStreamGetsTheFirstOutcomes() async throws {
            let groups = [
                group(try .deposit(1000, to: 100)), group(try .transfer(300, from: 100, to: 101)),
                group(try .transfer(5000, from: 100, to: 101)),
            ]
            let first = try await service.withTransfersStream { try await $0.submit(1, groups) }
            let outcomes = try #require(first?.response.groups)
            let read = try outcomes.map { try $0.outcomes[0].ledgerOutcome() }
            #expect(read.map(\.refusal) == [nil, nil, .insufficientFunds])
            let second = try await service.withTransfersStream { try await $0.submit(2, groups) }
            #expect(second?.number == 2)
            #expect(second?.response.groups == outcomes)
            #expect(try await service.submit(groups: groups) == outcomes)
            #expect(try await service.balances(1, 100, 101) == [-1000, 700, 300])
        }

        @Test(.postingService(customers: 1))
        func whatMakesNoSenseLeavesTheStreamUsable() async throws {
            let good = group(try .deposit(1, to: 100))
            let many = Teller_Balance_V1_TransferGroup.with {
                $0.transfers = Array(repeating: good.transfers[0], count: 1001)
            }
            try await service.withTransfersStream { stream in
                let errors = [
                    try await stream.submit(1, [good, .init()])?.error,
                    try await stream.submit(2, [many])?.error,
                    try await stream.submit(3, [good, .with { $0.transfers = [.init()] }])?.error,
                ]
                #expect(
                    errors.map { $0?.reason } == [
                        BalanceErrorReason.requestInvalid.rawValue,
                        BalanceErrorReason.tooManyQueries.rawValue,
                        BalanceErrorReason.requestInvalid.rawValue,
                    ])
                #expect(errors.allSatisfy { $0?.code == 3 })
                let answer = try await stream.submit(4, [good])
                #expect(answer?.response.groups.first?.outcomes.count == 1)
            }
            #expect(try await service.balances(100) == [1])
        }

        /// One waits for a lock; what comes on the other does not wait for it.
        @Test(.postingService(customers: 2)) func twoStreamsAtOnce() async throws {
            let blocked = group(try .deposit(5, to: 100), timeout: 60_000_000)
            let other = group(try .deposit(7, to: 101), timeout: 60_000_000)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                try await whileLocked([100], in: service.database) {
                    tasks.addTask {
                        try await service.withTransfersStream { stream in
                            // What is busy is to be sent again.
                            while true {
                                let answer = try await stream.submit(1, [blocked])
                                let outcome = try #require(answer?.response.groups.first)
                                if outcome.failure == .unspecified { break }
                                #expect(outcome.failure == .busy)
                            }
                        }
                    }
                    try await waitForBlocked(1..., in: service.database)
                    let answer = try await service.withTransfersStream {
                        try await $0.submit(2, [other])
                    }
                    #expect(answer?.response.groups.first?.outcomes.count == 1)
                    #expect(try await service.balances(100, 101) == [0, 7])
                }
                try await tasks.waitForAll()
            }
            #expect(try await service.balances(100, 101) == [5, 7])
        }

        @Test(.postingService(customers: 1))
        func timesWhatIsSampledAndKeepsMembersDeadlines() async throws {
            try await service.withTransfersStream { stream in
                let plain = try await stream.submit(1, [group(try .deposit(1, to: 100))])
                #expect(plain?.serverTiming == "")
                let answer = try await stream.submit(
                    2,
                    [
                        group(try .deposit(1, to: 100), timeout: 1),
                        group(
                            try .deposit(1, to: 100),
                            trace: "\(TraceContext.random(isSampled: true))"),
                    ])
                #expect(
                    answer?.response.groups.map(\.failure) == [.deadlineExceeded, .unspecified])
                let metrics = ServerTiming(parsing: answer?.serverTiming ?? "").metrics
                #expect(metrics.map(\.name) == ["balance-service", "postgresql"])
                #expect(metrics.first?.detail == "transfers (1 of 1 in its batch)")
            }
            #expect(try await service.balances(100) == [2])
        }

        /// Nobody hears of it, but it is done.
        @Test(.postingService(customers: 1))
        func aTransactionGoesOnWithoutItsCaller() async throws {
            let deposit = group(try .deposit(5, to: 100), timeout: 60_000_000)
            try await whileLocked([100], in: service.database) { () async throws in
                let caller = Task {
                    try await service.withTransfersStream { try await $0.submit(1, [deposit]) }
                }
                try await waitForBlocked(1..., in: service.database)
                caller.cancel()
                _ = await caller.result
            }
            try await eventually { try await service.balances(100) == [5] }
        }
    }
}
