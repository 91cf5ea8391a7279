import Chain
import ServiceLifecycle

extension Batcher {
    /// Has batches worked on, some at the same time, until the service shuts down.
    func serve(inFlight count: Int, _ work: @escaping @Sendable ([Ticket]) async -> Void) async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for _ in 0..<count {
                    group.addTask {
                        while let batch = try? await self.nextBatch() { await work(batch) }
                    }
                }
            }
        }
        close()
    }
}
