import BankAPI
import Chain

extension BankClient {
    /// Asks for something to be done, and again with the same content as ``WriteRetry`` allows.
    ///
    /// Once an answer was lost, only the ledger's own answer settles what came of it: a later try
    /// that does not reach the bank does not.
    func write<Value: Decodable & Sendable>(
        _ path: String, _ body: some Encodable, as type: Value.Type
    ) async -> WriteResult<Value> {
        let call: Call
        do throws(TellerError) {
            call = Call(path: path, body: try Self.json(body))
        } catch {
            return .nothingDone(nil, error)
        }
        let trace = TraceContext.random(isSampled: isSampled)
        var retry = WriteRetry()
        var lost: TellerError?
        while true {
            if Task.isCancelled, lost == nil { return .nothingDone(nil, interrupted) }
            if deadline.hasPassed, lost == nil { return .nothingDone(nil, late) }
            let (result, answer) = await attempt(call, as: type, trace: trace.child())
            if result.isFinal { return result }
            if case .unknown(let error) = result { lost = lost ?? error }
            let delay =
                Task.isCancelled
                ? nil
                : retry.delay(isLost: lost != nil, after: answer, remaining: deadline.remaining)
            guard let delay, (try? await Task.sleep(for: delay)) != nil else {
                return lost.map { .unknown($0) } ?? result
            }
        }
    }

    private var interrupted: TellerError {
        TellerError(.interrupted, "interrupted before anything was sent")
    }

    private var late: TellerError {
        TellerError(
            .temporaryFailure, "out of time before anything was sent",
            advice: "try again, or give it longer with --timeout")
    }

    /// Asks once.
    private func attempt<Value: Decodable & Sendable>(
        _ call: Call, as type: Value.Type, trace: TraceContext
    ) async -> (WriteResult<Value>, Result<RawAnswer, TellerError>) {
        let error: any Error
        switch await ask(call, trace: trace) {
        case .success(let answer):
            return (reader.result(answer, as: type), .success(answer))
        case .failure(let failure): error = failure
        }
        let failure = TellerError(transport: error, address: address, timeout: timeout)
        return TellerError.isBeforeSending(error)
            ? (.nothingDone(nil, failure), .failure(failure))
            : (.unknown(failure), .failure(failure))
    }
}
