import Chain
import GRPCCore
import Synchronization

/// The calls that callers make alone, on a connection of their own.
///
/// A caller waits until its deadline, which the call brings with it. The call goes on until the service
/// has answered: to end it would reset its stream, and of a connection with many of those a service
/// takes leave, and so of everybody who shares it.
final class SingleCalls: Sendable {
    /// How far past its deadline a call may go.
    private static let grace = CallsInFlight.grace

    /// How many may be under way; a service takes little more on one connection. One that hangs keeps
    /// those whose callers have left already.
    private static let limit = 1000

    private let connection: any BalanceServiceConnection
    private let eventLoop: EventLoopTaskExecutor
    private let calls: CallsInFlight
    private let limit: Int
    private let underWay = Atomic(0)
    private let answers = Atomic(0)
    private let resets = ResetBudget()
    private let jobs: AsyncStream<@Sendable () async -> Void>
    private let newJob: AsyncStream<@Sendable () async -> Void>.Continuation
    /// Ends when no answer is waited for.
    private let abandoned: AsyncStream<Never>
    private let abandonment: AsyncStream<Never>.Continuation

    /// - Parameter calls: Hears of each answer.
    init(
        _ connection: any BalanceServiceConnection, on eventLoop: EventLoopTaskExecutor,
        calls: CallsInFlight, limit: Int = SingleCalls.limit
    ) {
        self.connection = connection
        self.eventLoop = eventLoop
        self.calls = calls
        self.limit = limit
        (jobs, newJob) = AsyncStream.makeStream()
        (abandoned, abandonment) = AsyncStream.makeStream()
    }

    /// Makes the calls, until those are answered that were made before ``close()``.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await self.makeCalls()
                self.abandonment.finish()
            }
            for await _ in abandoned {}
            group.cancelAll()
        }
    }

    private func makeCalls() async {
        var connecting: Task<Void, Never>?
        await withDiscardingTaskGroup { group in
            for await job in jobs {
                // See BalanceServiceSession.connect().
                connecting =
                    connecting
                    ?? Task(executorPreference: eventLoop) { [connection] in
                        try? await connection.runConnections()
                    }
                group.addTask(operation: job)
            }
        }
        connection.beginGracefulShutdown()
        connecting?.cancel()
    }

    /// Takes no more calls.
    func close() {
        newJob.finish()
    }

    /// Waits for no more answers, either: the service is gone.
    func abandon() {
        close()
        abandonment.finish()
    }

    /// - Parameter endsWithItsCaller: Whether the call ends, too, when its caller's task is cancelled.
    /// - Throws: `BatcherError` at the deadline, and when too much is under way; what the call failed
    ///   with, and `CancellationError` when it was abandoned.
    func send<Request, Reply>(
        _ call: UnaryCall<Request, Reply>, endsWithItsCaller: Bool
    ) async throws -> UnaryCall<Request, Reply>.Answer {
        let (departed, departure) = AsyncStream<Never>.makeStream()
        let (answers, answer) = AsyncThrowingStream<
            UnaryCall<Request, Reply>.Answer, any Error
        >.makeStream()
        guard underWay.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            underWay.wrappingSubtract(1, ordering: .relaxed)
            throw BatcherError.overloaded
        }
        let result = newJob.yield {
            defer { self.underWay.wrappingSubtract(1, ordering: .relaxed) }
            do {
                answer.yield(try await self.answer(to: call, until: departed))
                answer.finish()
            } catch {
                // gRPC wraps a cancellation, in an error that says nothing of it.
                answer.finish(throwing: Task.isCancelled ? CancellationError() : error)
            }
        }
        guard case .enqueued = result else {
            underWay.wrappingSubtract(1, ordering: .relaxed)
            throw RuntimeError(code: .clientIsStopped, message: "the service is no longer used")
        }
        return try await withTaskCancellationHandler {
            try await firstAnswer(answers, by: call.context.deadline)
        } onCancel: {
            if endsWithItsCaller { departure.finish() }
        }
    }

    private func firstAnswer<Answer: Sendable>(
        _ answers: AsyncThrowingStream<Answer, any Error>, by deadline: Deadline
    ) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                for try await answer in answers { return answer }
                throw CancellationError()
            }
            group.addTask {
                try await Task.sleep(until: deadline.instant)
                throw BatcherError.deadlineExceeded
            }
            guard let answer = try await group.next() else { throw CancellationError() }
            return answer
        }
    }

    /// Makes a call, and ends it when nobody needs its answer.
    private func answer<Request, Reply>(
        to call: UnaryCall<Request, Reply>, until departed: AsyncStream<Never>
    ) async throws -> UnaryCall<Request, Reply>.Answer {
        try await withThrowingTaskGroup(of: UnaryCall<Request, Reply>.Answer?.self) { group in
            group.addTask { try await call.send(through: self.connection) }
            group.addTask {
                let before = self.answers.load(ordering: .relaxed)
                try await Task.sleep(until: call.context.deadline.instant + Self.grace)
                // While others are answered the connection lives.
                if self.answers.load(ordering: .relaxed) == before { self.calls.noteOverdue() }
                return nil
            }
            group.addTask {
                for await _ in departed {}
                // A call that is not ended goes on until its deadline.
                if !Task.isCancelled, !self.resets.take() {
                    try? await Task.sleep(until: call.context.deadline.instant + Self.grace)
                }
                return nil
            }
            while let answer = try await group.next() {
                group.cancelAll()
                guard let answer else { continue }
                calls.noteAnswer()
                answers.wrappingAdd(1, ordering: .relaxed)
                return answer
            }
            throw CancellationError()
        }
    }
}
