import BankAPI
import Chain
import NIOHTTP1

extension BankClient {
    /// Asks for something to be done, and again with the same content as ``Retry`` allows.
    ///
    /// Once an answer was lost, only the ledger's own answer settles the outcome: a later try
    /// that does not reach the bank does not.
    func write<Value: Decodable & Sendable>(
        _ path: String, _ body: some Encodable, as type: Value.Type
    ) async -> Written<Value> {
        let call: Call
        do throws(BankClientError) {
            call = Call(method: .POST, path: path, body: try Self.json(body))
        } catch {
            return .nothingDone(nil, error)
        }
        let trace = TraceContext.random(isSampled: isSampled)
        var retry = Retry(of: .write)
        var lost: BankClientError?
        while true {
            if Task.isCancelled, lost == nil {
                return .nothingDone(nil, BankClientError(.cancelledBeforeSending))
            }
            if deadline.hasPassed, lost == nil {
                return .nothingDone(nil, BankClientError(.outOfTimeBeforeSending))
            }
            let (result, answer) = await attempt(call, as: type, trace: trace.child())
            if result.isFinal { return result }
            if case .unknown(let error) = result { lost = lost ?? error }
            let delay =
                Task.isCancelled
                ? nil
                : retry.delay(
                    after: answer, isLost: lost != nil, remaining: deadline.remaining)
            guard let delay, (try? await Task.sleep(for: delay)) != nil else {
                return lost.map { .unknown($0) } ?? result
            }
        }
    }

    /// Asks once.
    private func attempt<Value: Decodable & Sendable>(
        _ call: Call, as type: Value.Type, trace: TraceContext
    ) async -> (Written<Value>, Result<RawAnswer, BankClientError>) {
        let error: any Error
        switch await ask(call, trace: trace) {
        case .success(let answer):
            return (reader.result(answer, as: type), .success(answer))
        case .failure(let failure): error = failure
        }
        let failure = BankClientError(transport: error, address: address, timeout: timeout)
        return BankClientError.isBeforeSending(error)
            ? (.nothingDone(nil, failure), .failure(failure))
            : (.unknown(failure), .failure(failure))
    }
}
