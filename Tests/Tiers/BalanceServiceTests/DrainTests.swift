import BalanceAPI
import GRPCCore
import ServiceLifecycle
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    @Suite(.timeLimit(.minutes(2))) struct DrainTests {
        /// A drain is announced at once, and what is in flight is answered before the service ends.
        @Test(.bankService) func finishesWhatIsInFlight() async throws {
            let watch = HealthWatch()
            try await eventually { try await service.isServing() }
            let expected = try await service.balances(17)
            try await withThrowingTaskGroup(of: [Int64]?.self) { group in
                group.addTask {
                    try await watch.run(service)
                    return nil
                }
                try await eventually { watch.statuses.last == .serving }
                try await whileTablesAreLocked(in: service.database) { () async throws in
                    group.addTask { try await service.balances(17) }
                    try await waitForBlocked(1..., in: service.database)
                    await service.services.triggerGracefulShutdown()
                    try await eventually { watch.statuses.last == .notServing }
                }
                let answers = try await group.reduce(into: []) { $0.append($1) }
                #expect(answers.compactMap { $0 } == [expected])
            }
        }
    }
}
