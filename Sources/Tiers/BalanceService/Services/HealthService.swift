import BalanceAPI
import GRPCCore
import SwiftProtobuf

/// `grpc.health.v1.Health`: SERVING only while PostgreSQL answers.
///
/// Source: grpc/grpc, doc/health-checking.md. The whole server is the service "".
struct HealthService: Grpc_Health_V1_Health.ServiceProtocol {
    let status: ServingStatus

    private static let services: Set = [
        "", "teller.balance.v1.Balances", "teller.balance.v1.Ledger",
    ]

    func check(
        request: ServerRequest<Grpc_Health_V1_HealthCheckRequest>, context: ServerContext
    ) async throws -> ServerResponse<Grpc_Health_V1_HealthCheckResponse> {
        guard Self.services.contains(request.message.service) else {
            throw RPCError(code: .notFound, message: "this server has no such service")
        }
        return ServerResponse(message: .init(isServing: status.isServing))
    }

    func watch(
        request: ServerRequest<Grpc_Health_V1_HealthCheckRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<Grpc_Health_V1_HealthCheckResponse> {
        let isKnown = Self.services.contains(request.message.service)
        return StreamingServerResponse { writer in
            guard isKnown else {
                try await writer.write(.with { $0.status = .serviceUnknown })
                return [:]
            }
            let changes = status.changes()
            // Cancelling the call does not cancel its task: end the wait for a change by hand.
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await isServing in changes {
                        try await writer.write(.init(isServing: isServing))
                    }
                }
                group.addTask { try await context.cancellation.cancelled }
                try await group.next()
                group.cancelAll()
            }
            return [:]
        }
    }
}

extension Grpc_Health_V1_HealthCheckResponse {
    fileprivate init(isServing: Bool) {
        self.init()
        status = isServing ? .serving : .notServing
    }
}
