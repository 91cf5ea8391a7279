import Chain
import NIOCore

/// The tasks of asynchronous handlers on one event loop: owned by its server, and begun without another
/// thread. There is at most one for each connection.
final class LoopTasks: Sendable {
    typealias Job = @Sendable () async -> Void

    let eventLoop: any EventLoop
    private let executor: EventLoopTaskExecutor
    private let jobs: AsyncStream<Job>
    private let newJob: AsyncStream<Job>.Continuation

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        executor = EventLoopTaskExecutor(eventLoop)
        (jobs, newJob) = AsyncStream.makeStream()
    }

    func start(_ job: @escaping Job) { newJob.yield(job) }

    /// Runs what is started, until that has ended after ``finish()``. Cancelled, it cancels the tasks.
    func run() async {
        await withTaskExecutorPreference(executor) {
            await withDiscardingTaskGroup { group in
                for await job in jobs { group.addTask(operation: job) }
            }
        }
    }

    /// Nothing is started any more.
    func finish() {
        newJob.finish()
    }
}

extension Exchange {
    /// Runs an asynchronous handler in a task of the server's, and then `completion` on the event loop:
    /// for what is asked rarely.
    ///
    /// - Parameters:
    ///   - isCancelledByDeparture: Whether the task is cancelled when the caller leaves.
    ///   - work: Runs on the event loop, too, but for what it awaits.
    ///   - completion: Has to answer.
    public func run<Result: Sendable>(
        isCancelledByDeparture: Bool, _ work: @escaping @Sendable () async -> Result,
        completion: @escaping (Result) -> Void
    ) {
        let part = NIOLoopBound((exchange: self, completion: completion), eventLoop: eventLoop)
        tasks.start {
            await withUnsafeCurrentTask { task in
                if isCancelledByDeparture { part.value.exchange.onDeparture { task?.cancel() } }
                let result = await work()
                // The task may be used no longer than this closure runs.
                part.value.exchange.departureCallbacks = []
                part.value.completion(result)
            }
        }
    }
}
