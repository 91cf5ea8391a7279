import BalanceAPI
import GRPCCore
import SwiftProtobuf
import Synchronization

/// What a watcher of the service's health was told.
final class HealthWatch: Sendable {
    typealias Status = Grpc_Health_V1_HealthCheckResponse.ServingStatus

    private let seen = Mutex<[Status]>([])

    var statuses: [Status] { seen.withLock { $0 } }

    /// Listens until the service ends the stream, or the task is cancelled.
    func run(_ service: RunningService) async throws {
        do {
            try await service.health.watch(.init()) { response in
                for try await message in response.messages {
                    self.seen.withLock { $0.append(message.status) }
                }
            }
        } catch  where Task.isCancelled {}
    }
}
