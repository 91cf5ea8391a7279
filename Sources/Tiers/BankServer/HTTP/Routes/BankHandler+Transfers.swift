import BalanceAPI
import BalanceClient
import BankAPI
import Chain
import Ledger
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Submits transfers, and tells what is kept of them.
extension BankHandler {
    /// - Parameters:
    ///   - isBatch: Whether the body is a batch.
    ///   - kind: Told what kind of write it is, before anything is sent.
    ///   - completion: As of ``begin(_:_:kind:completion:)``.
    func submit(
        isBatch: Bool, _ request: BankRequest, kind: (String) -> Void,
        completion: @escaping Completion
    ) throws(Problem) {
        let groups = try groups(isBatch: isBatch, request, kind: kind)
        services.submit(groups, context: request.context) { submitted in
            completion(
                Result { () throws(Problem) in
                    try answer(submitted, to: groups, isBatch: isBatch, request)
                })
        }
    }

    private func groups(
        isBatch: Bool, _ request: BankRequest, kind: (String) -> Void
    ) throws(Problem) -> [Teller_Balance_V1_TransferGroup] {
        // Whoever would be refused is so before a long body costs anything.
        if services.isFullOfTransfers { throw .overloaded(tier: .bankServer) }
        guard isBatch else {
            let submission = try TransferSubmission(body: request.body)
            kind(submission.request.kind.rawValue)
            return [.init([submission.request], ledger: submission.ledger)]
        }
        let batch = try TransferBatch(body: request.body)
        kind(batch.atomic ? "atomic batch" : "batch")
        return batch.groups.map { .init($0, ledger: batch.ledger) }
    }

    private func answer(
        _ submitted: SubmittedTransfers, to groups: [Teller_Balance_V1_TransferGroup],
        isBatch: Bool, _ request: BankRequest
    ) throws(Problem) -> Answer {
        let body: ByteBuffer
        if isBatch {
            if let problem = submitted.problemOfAll { throw problem }
            let outcomes = zip(groups, submitted.groups).flatMap { group, result in
                self.outcomes(of: group, result, request)
            }
            body = TransferBatchAnswer(outcomes: outcomes).json
        } else {
            body = try transfer(submitted.groups.first, request).json
        }
        return Answer(body: body, call: "SubmitTransfers", timing: submitted.timing)
    }

    private func transfer(
        _ result: Result<[Teller_Balance_V1_TransferOutcome], BalanceClientError>?,
        _ request: BankRequest
    ) throws(Problem) -> Transfer {
        let outcome: Teller_Balance_V1_TransferOutcome?
        do throws(BalanceClientError) {
            outcome = try result?.get().first
        } catch {
            throw Problem(error)
        }
        if let outcome { return try transfer(outcome, request) }
        throw breach("no outcome", request)
    }

    private func outcomes(
        of group: Teller_Balance_V1_TransferGroup,
        _ result: Result<[Teller_Balance_V1_TransferOutcome], BalanceClientError>,
        _ request: BankRequest
    ) -> [TransferBatchAnswer.Outcome] {
        switch result {
        case .failure(let error): group.transfers.map { _ in .init(Problem(error)) }
        case .success(let outcomes):
            outcomes.map { outcome in
                do throws(Problem) {
                    return .init(try transfer(outcome, request))
                } catch {
                    return .init(error)
                }
            }
        }
    }

    /// - Throws: The refusal, when it is one.
    private func transfer(
        _ outcome: Teller_Balance_V1_TransferOutcome, _ request: BankRequest
    ) throws(Problem) -> Transfer {
        if case .refused(let code) = outcome.outcome { throw .refused(code) }
        do throws(ContractError) {
            return Transfer(try outcome.done.ledgerRecord())
        } catch {
            _ = breach("\(error)", request)
            throw .outcomeUnknown
        }
    }

    func lookUp(_ request: BankRequest) async throws(Problem) -> Answer {
        let ids = try TransferLookup(body: request.body).ids
        let (found, timing) = try await find(ids, request)
        return Answer(body: found.json, call: "GetTransfers", timing: timing)
    }

    func transfer(_ text: Substring, _ request: BankRequest) async throws(Problem) -> Answer {
        guard let id = Identifier(String(text)) else {
            throw Problem(
                .idInvalid, detail: "A UUID is expected: 32 digits in five groups.")
        }
        let (found, timing) = try await find([id], request)
        guard let transfer = found.transfers.first(where: { $0.id == id }) else {
            throw Problem(
                .transferUnknown, detail: "There is no transfer \(id).", tier: .balanceService)
        }
        return Answer(body: transfer.json, call: "GetTransfers", timing: timing)
    }

    private func find(
        _ ids: [Identifier], _ request: BankRequest
    ) async throws(Problem) -> (TransferLookupAnswer, ServerTiming?) {
        var message = Teller_Balance_V1_GetTransfersRequest()
        message.ids = ids.map { Data($0.bytes) }
        message.caller = request.asker
        let reply = try await read(
            Teller_Balance_V1_Ledger.Method.GetTransfers.descriptor, message,
            returning: Teller_Balance_V1_GetTransfersResponse.self, request)
        let answer = try checked(request) {
            TransferLookupAnswer(
                ledger: try Identifier(ledger: reply.message.ledger),
                transfers: try reply.message.transfers.map { try Transfer($0) })
        }
        return (answer, reply.timing)
    }
}

extension SubmittedTransfers {
    /// What hinders all of them, told as one problem: the whole batch may be sent again when it was not
    /// begun.
    fileprivate var problemOfAll: Problem? {
        guard case .failure(let error) = groups.first else { return nil }
        let isOfAll = groups.allSatisfy { group in
            if case .failure(let other) = group { Problem(other).status == 503 } else { false }
        }
        return groups.count == 1 || isOfAll ? Problem(error) : nil
    }
}

extension TransferBatch {
    /// What is done all or nothing, in order.
    fileprivate var groups: [[TransferRequest]] { atomic ? [transfers] : transfers.map { [$0] } }
}

extension Teller_Balance_V1_TransferGroup {
    fileprivate init(_ transfers: [TransferRequest], ledger: Identifier?) {
        self.init()
        self.transfers = transfers.map { Teller_Balance_V1_TransferRequest($0) }
        if let ledger { self.ledger = Data(ledger.bytes) }
    }
}
