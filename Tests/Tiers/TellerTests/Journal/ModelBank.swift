import BankAPI
import BankClient
import Ledger
import TestSupport

@testable import Teller

/// A bank that keeps each transfer under its id, as a ledger does, and whose answers may be lost.
struct ModelBank {
    private(set) var records: [Identifier: RecordedTransfer] = [:]
    /// What was recorded, in this order.
    private(set) var order: [Identifier] = []
    /// What is still on its way, though nobody waits for it any more.
    private var late: [[BankWrite]] = []

    func isDone(_ id: Identifier) -> Bool { records[id].map { $0.refusal == nil } ?? false }

    /// Whether it is there, or still on its way.
    func mayHave(_ id: Identifier) -> Bool {
        records[id] != nil || late.contains { $0.contains { $0.ids.contains(id) } }
    }

    /// One request of hop 1, whose answer may not come.
    ///
    /// - Returns: what came of each transfer, or of the group.
    mutating func ask(
        _ writes: [BankWrite], isCalm: Bool, _ random: inout SeededGenerator
    ) -> [WriteOutcome<WriteReceipt>] {
        let lost = WriteOutcome<WriteReceipt>.unknown(TellerError(.temporaryFailure, "lost"))
        switch isCalm ? 99 : random.number(0...99) {
        case 0..<6:
            for write in writes { record(write) }
            return writes.map { _ in lost }
        case 6..<10: return writes.map { _ in lost }
        case 10..<14:
            late.append(writes)
            return writes.map { _ in lost }
        case 14..<18:
            let error = TellerError(.unavailable, "not reached")
            return writes.map { _ in .nothingDone(nil, error) }
        case 18..<40:
            // What follows one that is not done is not done before it, and fares as it does.
            let done = writes.prefix(random.number(0...(writes.count - 1))).map { record($0) }
            let rest = writes.dropFirst(done.count)
            guard random.chance(30) else {
                return done
                    + rest.map { _ in
                        .nothingDone(
                            .overloaded, TellerError(.temporaryFailure, "busy"))
                    }
            }
            late.append(Array(rest))
            return done + rest.map { _ in lost }
        default: return writes.map { record($0) }
        }
    }

    /// Something arrives that nobody waits for.
    mutating func deliverLate(_ random: inout SeededGenerator) {
        guard !late.isEmpty else { return }
        for write in late.remove(at: random.number(0...(late.count - 1))) { record(write) }
    }

    var hasLate: Bool { !late.isEmpty }

    @discardableResult
    private mutating func record(_ write: BankWrite) -> WriteOutcome<WriteReceipt> {
        let requests = write.transfers
        guard
            requests.allSatisfy({ request in
                records[request.id].map { request.isRecorded(as: $0) } ?? true
            })
        else {
            return .nothingDone(
                .idUsedWithOtherContent, TellerError(.refused, "another transfer has its id"))
        }
        let isRefused = requests.contains(where: \.isRefused)
        for request in requests where records[request.id] == nil {
            var record = RecordedTransfer.sample(of: request)
            record.refusal = isRefused ? .insufficientFunds : nil
            records[request.id] = record
            order.append(request.id)
        }
        let transfers = requests.compactMap { records[$0.id].map(Transfer.init) }
        guard transfers.allSatisfy({ $0.isDone }) else {
            return .refused(
                .insufficientFunds, TellerError(.refused, "refused: no money"))
        }
        if case .linked = write { return .done(.linked(transfers)) }
        return .done(.transfer(transfers[0]))
    }
}

extension BankWrite {
    var transfers: [TransferRequest] {
        switch self {
        case .transfer(let request): [request]
        case .linked(let requests): requests
        case .open, .close, .other: []
        }
    }
}

extension TransferRequest {
    /// Some amounts nobody has.
    fileprivate var isRefused: Bool {
        guard case .transfer(_, _, let amount) = action else { return false }
        return amount.minorUnits.isMultiple(of: 7)
    }
}
