import BalanceAPI
import Chain
import Logging
import SwiftProtobuf

/// What is asked rarely, in a call of its own.
extension BalanceServices {
    /// Makes a call that only reads; again through another service when one is lost on the way.
    public func read<Request, Reply>(
        _ call: UnaryCall<Request, Reply>
    ) async throws(BalanceClientError) -> UnaryCall<Request, Reply>.Answer {
        var attempt = 1
        var tried: SingleCalls?
        var backoff = Backoff()
        while true {
            let ready = try directory.next(besides: tried)
            do {
                let answer = try await ready.calls.send(call, endsWithItsCaller: true)
                budget.recordSuccess()
                return answer
            } catch {
                log(error, of: call.method, at: ready.address)
                guard HopError.isUnavailable(error), !Task.isCancelled, budget.recordFailure(),
                    attempt < RetryBudget.attempts
                else { throw BalanceClientError(error) }
                attempt += 1
                tried = ready.calls
                try? await Task.sleep(for: backoff.next())
            }
        }
    }

    /// Makes a call that is not safe to repeat, and goes on whoever leaves.
    ///
    /// - Throws: `outcomeUnknown` when it was sent and no answer came.
    public func once<Request, Reply>(
        _ call: UnaryCall<Request, Reply>
    ) async throws(BalanceClientError) -> UnaryCall<Request, Reply>.Answer {
        let ready = try directory.next()
        do {
            return try await ready.calls.send(call, endsWithItsCaller: false)
        } catch {
            log(error, of: call.method, at: ready.address)
            guard HopError.saysNothingWasDone(error) else { throw .outcomeUnknown }
            throw BalanceClientError(error)
        }
    }

    /// Makes a call that writes and has an id; again when an answer is lost.
    ///
    /// - Parameter failure: What an answer says of a write that has no outcome.
    /// - Throws: Only after `outcomeUnknown` may it be done.
    public func write<Request, Reply>(
        _ call: UnaryCall<Request, Reply>, failure: (Reply) -> WriteFailure?
    ) async throws(BalanceClientError) -> UnaryCall<Request, Reply>.Answer {
        var progress = WriteProgress<UnaryCall<Request, Reply>.Answer>()
        var attempts = WriteAttempts(until: call.context.deadline, lockWait: lockWait)
        while true {
            do throws(WriteFailure) {
                let answer = try await attempt(call)
                if let failure = failure(answer.message) { throw failure }
                progress.finish(answer)
            } catch {
                attempts.isCancelled = Task.isCancelled
                progress.fail(error, in: attempts)
            }
            if let result = progress.result { return try result.get() }
            try? await Task.sleep(for: attempts.nextPause())
        }
    }

    private func attempt<Request, Reply>(
        _ call: UnaryCall<Request, Reply>
    ) async throws(WriteFailure) -> UnaryCall<Request, Reply>.Answer {
        let ready: BalanceServiceDirectory.Ready
        do {
            ready = try directory.next()
        } catch {
            throw WriteFailure(ofWait: error, wasSent: false)
        }
        guard !call.context.deadline.hasPassed else {
            throw WriteFailure(ofWait: BatcherError.deadlineExceeded, wasSent: false)
        }
        do {
            // Nobody's leaving ends a write.
            let answer = try await ready.calls.send(call, endsWithItsCaller: false)
            budget.recordSuccess()
            return answer
        } catch {
            log(error, of: call.method, at: ready.address)
            let mayRepeat = TransfersCall.isRepeatable(after: error) && budget.recordFailure()
            throw WriteFailure(ofCall: error, mayRepeat: mayRepeat)
        }
    }
}
