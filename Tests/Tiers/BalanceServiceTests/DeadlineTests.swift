import BalanceAPI
import Chain
import GRPCCore
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// What deadlines do, those of calls and those of members. The client here keeps none of its own.
    @Suite(.timeLimit(.minutes(2))) struct DeadlineTests {
        typealias Query = RunningService.Query

        @Test(.bankService) func oneThatHasPassedIsRefused() async throws {
            for timeout in ["0u", "0S", "1n"] { try await expectRefusal(service, timeout) }
        }

        private func expectRefusal(_ service: RunningService, _ timeout: String) async throws {
            await expectFailure(.deadlineExceeded, because: .deadlineExceeded) {
                try await service.balances(17, metadata: .timeout(timeout))
            }
            await expectFailure(.deadlineExceeded) {
                try await service.balances.listAccounts(.init(), metadata: .timeout(timeout))
            }
        }

        /// Also what is no timeout at all counts as none.
        @Test(.bankService) func yearsAreFine() async throws {
            for timeout in ["99999999H", "5S", "5", "-1S", "999999999999S", ""] {
                let balances = try await service.balances(17, metadata: .timeout(timeout))
                #expect(balances.count == 1, "\(timeout)")
            }
        }

        @Test(.bankService) func oneThatPassesWhileTheDatabaseWaits() async throws {
            let start = ContinuousClock.now
            try await whileTablesAreLocked(in: service.database) { () async throws in
                await expectFailure(.deadlineExceeded) {
                    try await service.balances(17, metadata: .timeout("200m"))
                }
                await expectFailure(.deadlineExceeded) {
                    try await service.balances.listAccounts(.init(), metadata: .timeout("200m"))
                }
                // What it asked is no longer asked.
                try await waitForBlocked(0...0, in: service.database)
            }
            #expect(start.duration(to: .now) < .seconds(40))
            #expect(try await service.balances(17).count == 1)
        }

        @Test(.bankService) func aMembersOwnHarmsNoOther() async throws {
            let expired = try Query.with {
                $0.account = try account(17)
                $0.context.timeoutMicroseconds = 1
            }
            let others = try ([18, 19] as [Int64]).map { number in
                try Query.with {
                    $0.account = try account(number)
                    $0.context.timeoutMicroseconds = .max
                }
            }
            let outcomes = try await service.ask([others[0], expired, others[1]]).outcomes
            #expect(
                outcomes.map(\.refusal.code) == [.unspecified, .deadlineExceeded, .unspecified])
            #expect(outcomes[2].account.account == others[1].account)
        }
    }
}
