import Chain
import GRPCCore

extension ServedCall {
    /// Ends what only reads when its caller has left. What a drain finds under way goes on.
    ///
    /// - Parameter status: Whether the service drains.
    func whileWanted<Result: Sendable>(
        _ context: ServerContext, _ status: ServingStatus,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask {
                try await context.cancellation.cancelled
                if isOver(status) { try await Task.sleep(for: Deadline.longest) }
                return nil
            }
            guard let first = try await group.next(), let result = first else {
                throw CancellationError()
            }
            return result
        }
    }

    /// gRPC also cancels a call when its time is over, a little before the deadline here says so, and
    /// all calls when the server begins to drain.
    private func isOver(_ status: ServingStatus) -> Bool {
        status.isDraining || ownDeadline.map { $0.remaining < .milliseconds(200) } ?? false
    }
}
