import BalanceAPI
import GRPCCore
import GRPCProtobuf
import SwiftProtobuf

/// Whether the service can be used.
extension BalanceServiceSession {
    /// - Parameter timeout: nil: as long as it takes. An answer given up resets its stream, which the
    ///   connection would be made to pay for.
    /// - Returns: Why the service cannot be used, or `nil` when it can.
    func checkHealth(within timeout: Duration? = nil) async -> End? {
        do {
            let health: Grpc_Health_V1_HealthCheckResponse = try await ask(
                Grpc_Health_V1_Health.Method.Check.descriptor,
                Grpc_Health_V1_HealthCheckRequest(), within: timeout)
            guard health.status == .serving else {
                return End(condition: .databaseUnavailable, reason: "health \(health.status)")
            }
            guard endpoint.refusesDemoPeople else { return nil }
            let ledger: Teller_Balance_V1_GetLedgerResponse = try await ask(
                Teller_Balance_V1_Ledger.Method.GetLedger.descriptor,
                Teller_Balance_V1_GetLedgerRequest(), within: timeout)
            return ledger.demoPeople ? .demoPeople : nil
        } catch {
            return End(condition: condition(after: error), reason: "health check: \(error)")
        }
    }

    private func ask<Reply: SwiftProtobuf.Message>(
        _ method: MethodDescriptor, _ message: some SwiftProtobuf.Message, within timeout: Duration?
    ) async throws -> Reply {
        var options = CallOptions.defaults
        options.timeout = timeout
        let reply = try await connection.unary(
            request: ClientRequest(message: message), descriptor: method,
            serializer: ProtobufSerializer(), deserializer: ProtobufDeserializer<Reply>(),
            options: options
        ) { response in try response.message }
        calls.noteAnswer()
        return reply
    }

    /// A service that does not know this tier says PERMISSION_DENIED.
    private func condition(after error: any Error) -> BalanceServiceCondition {
        let isDenied = (error as? RPCError)?.code == .permissionDenied
        return isDenied || endpoint.isOfCertificates(error)
            ? .certificateNotAccepted : .notConnected
    }

    private enum Finding: Sendable {
        case healthy
        case ill(End)
        case timeToLook
    }

    func watchHealth() async -> End? {
        await withTaskGroup(of: Finding.self) { group in
            defer { group.cancelAll() }
            var looks = HealthLooks()
            var isAsking = false
            group.addTask { await Self.nextLook() }
            while let finding = await group.next(), !Task.isCancelled {
                switch finding {
                case .healthy: isAsking = false
                case .ill(let end): return end
                case .timeToLook:
                    if let reason = looks.look(at: calls) {
                        return End(condition: .notConnected, reason: reason, isHung: true)
                    }
                    if !isAsking {
                        isAsking = true
                        group.addTask { await checkHealth().map { .ill($0) } ?? .healthy }
                    }
                    group.addTask { await Self.nextLook() }
                }
            }
            return nil
        }
    }

    private static func nextLook() async -> Finding {
        try? await Task.sleep(for: healthInterval)
        return .timeToLook
    }
}

/// What looks at a service have found: it lives as long as anything comes from it.
struct HealthLooks {
    private var answers = 0
    private var missed = 0

    /// - Returns: Why the service is out.
    mutating func look(at calls: CallsInFlight) -> String? {
        let answers = calls.answers
        missed = answers == self.answers ? missed + 1 : 0
        self.answers = answers
        if missed >= BalanceServiceSession.missedLooks { return "nothing comes from it" }
        return calls.isOverdue ? "a call went far past its deadline" : nil
    }
}
