public import NIOCore

/// Runs tasks on an event loop, so that a request that is read there is handled there.
///
/// Waking another thread costs more than most requests' own work: with one loop, the tasks of a
/// tier and its sockets share a thread, and an `await` between them is an enqueue.
public final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    public init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
