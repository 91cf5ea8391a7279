import BalanceAPI
import GRPCCore
import Ledger
import SwiftProtobuf

@testable import BalanceService

/// A caller's end of a stream of batches.
struct StreamEnd<Batch: Sendable, Answer: Sendable>: Sendable {
    let batches: AsyncStream<Batch>.Continuation
    let answers: AsyncThrowingStream<Answer, any Error>

    /// - Returns: `nil` when the service has ended the stream with OK.
    func next() async throws -> Answer? {
        var iterator = answers.makeAsyncIterator()
        return try await iterator.next()
    }

    /// Runs `body` with the stream's end, then leaves.
    static func run<Result: Sendable>(
        _ batches: AsyncStream<Batch>.Continuation, _ response: StreamingClientResponse<Answer>,
        _ body: @Sendable (StreamEnd) async throws -> Result
    ) async throws -> Result {
        let (answers, continuation) = AsyncThrowingStream.makeStream(of: Answer.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer {
                batches.finish()
                group.cancelAll()
            }
            group.addTask {
                do {
                    for try await answer in response.messages { continuation.yield(answer) }
                    continuation.finish()
                } catch { continuation.finish(throwing: error) }
            }
            return try await body(StreamEnd(batches: batches, answers: answers))
        }
    }
}

typealias BalancesEnd = StreamEnd<
    Teller_Balance_V1_BalancesBatch, Teller_Balance_V1_BalancesBatchAnswer
>
typealias TransfersEnd = StreamEnd<
    Teller_Balance_V1_TransfersBatch, Teller_Balance_V1_TransfersBatchAnswer
>

extension BalancesEnd {
    func send(_ number: UInt64, _ queries: [RunningService.Query]) {
        batches.yield(
            .with {
                $0.number = number
                $0.request.queries = queries
            })
    }

    /// Asks for accounts of the demo bank, by their numbers, and waits for the answer.
    func ask(_ number: UInt64, _ accounts: Int64...) async throws
        -> Teller_Balance_V1_BalancesBatchAnswer?
    {
        send(number, try accounts.map { account in try .of(account) })
        return try await next()
    }
}

extension TransfersEnd {
    func send(_ number: UInt64, _ groups: [Teller_Balance_V1_TransferGroup]) {
        batches.yield(
            .with {
                $0.number = number
                $0.request.groups = groups
            })
    }

    func submit(_ number: UInt64, _ groups: [Teller_Balance_V1_TransferGroup]) async throws
        -> Teller_Balance_V1_TransfersBatchAnswer?
    {
        send(number, groups)
        return try await next()
    }
}

extension RunningService.Query {
    static func of(_ number: Int64, timeout: UInt64 = 0, trace: String = "") throws
        -> RunningService.Query
    {
        let account = try AccountNumber(bank: "DEMO", number: number).compact
        return .with {
            $0.account = account
            $0.context.timeoutMicroseconds = timeout
            $0.context.traceparent = trace
        }
    }
}

extension RunningService {
    /// A stream that is open as long as `body` runs; then its caller leaves.
    func withBalancesStream<Result: Sendable>(
        _ body: @Sendable @escaping (BalancesEnd) async throws -> Result
    ) async throws -> Result {
        let (batches, continuation) = AsyncStream.makeStream(
            of: Teller_Balance_V1_BalancesBatch.self)
        return try await balances.streamBalances(
            requestProducer: { writer in
                for await batch in batches { try await writer.write(batch) }
            }, onResponse: { response in try await BalancesEnd.run(continuation, response, body) })
    }

    func withTransfersStream<Result: Sendable>(
        _ body: @Sendable @escaping (TransfersEnd) async throws -> Result
    ) async throws -> Result {
        let (batches, continuation) = AsyncStream.makeStream(
            of: Teller_Balance_V1_TransfersBatch.self)
        return try await ledger.streamTransfers(
            requestProducer: { writer in
                for await batch in batches { try await writer.write(batch) }
            }, onResponse: { response in try await TransfersEnd.run(continuation, response, body) })
    }
}
