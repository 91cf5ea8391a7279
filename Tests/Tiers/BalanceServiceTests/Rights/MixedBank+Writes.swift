import BalanceAPI
import Ledger
import SwiftProtobuf
import TestSupport

@testable import BalanceService

extension MixedBank {
    func write(_ count: Int, _ generator: inout SeededGenerator) async throws {
        let callers = callers(&generator)
        var request = Teller_Balance_V1_SubmitTransfersRequest()
        request.callers = callers
        let endedBefore = state.ended
        var transfers: [TransferRequest] = []
        for _ in 0..<count {
            let place = UInt32(generator.number(0...callers.count + 1))
            let member = member(at: place, callers)
            let transfer = try transfer(by: member, &generator)
            transfers.append(transfer)
            if let member {
                note(transfer, by: member, isTooLate: endedBefore.contains(member.token))
            }
            request.groups.append(
                .with {
                    $0.transfers = [.init(transfer)]
                    $0.context.caller = place
                })
        }
        let groups = try await (generator.chance(50) ? other : service).ledger.submitTransfers(
            request
        ).groups
        let ending = state.ending
        if groups.count != count { fail("\(groups.count) groups of \(count)") }
        for (index, group) in groups.enumerated() {
            let member = member(at: request.groups[index].context.caller, callers)
            let isOver = member.map { endedBefore.contains($0.token) } ?? true
            let mayBeOver = member.map { ending.contains($0.token) } ?? true
            let isRight: Bool
            switch group.failure {
            case .unauthenticated: isRight = mayBeOver
            case .busy: isRight = !isOver
            case .unspecified:
                let outcome = try group.outcomes[0].ledgerOutcome()
                isRight = !isOver && self.isRight(outcome, of: transfers[index], for: member)
            default: isRight = false
            }
            let who = member?.name ?? "nobody"
            if !isRight { fail("\(who) asks for \(transfers[index]): \(group)") }
        }
    }

    /// From her own account or another's; sometimes one that somebody else has asked for, as it was.
    private func transfer(
        by member: Member?, _ generator: inout SeededGenerator
    ) throws -> TransferRequest {
        if generator.chance(10), let seen = state.seen.randomElement(using: &generator) {
            state.update { $0.asked[seen.id] = nil }
            return seen
        }
        let own = Self.accounts.filter { Self.owner(of: $0) == member?.name }
        let isOwn = generator.chance(60) && !own.isEmpty
        let debit = (isOwn ? own : Array(Self.accounts)).randomElement(using: &generator) ?? 0
        let credit = Int64.random(in: Self.accounts, using: &generator)
        return try .transfer(
            Int64(generator.number(1...50)), from: debit, to: credit,
            id: Identifier(high: generator.next(), low: generator.next()))
    }

    private func note(_ transfer: TransferRequest, by member: Member, isTooLate: Bool) {
        state.update { state in
            if state.seenIDs.contains(transfer.id) { return }
            if isTooLate {
                // Nobody else asks for it: it is not there in the end.
                state.tooLate.append(transfer.id)
            } else {
                state.asked[transfer.id] = member.name
                state.seen.append(transfer)
                state.seenIDs.insert(transfer.id)
            }
        }
    }

    /// Whether an outcome is what somebody may be told whose session goes on.
    private func isRight(
        _ outcome: TransferOutcome, of request: TransferRequest, for member: Member?
    ) -> Bool {
        guard case .transfer(let debit, let credit, _) = request.action, let name = member?.name
        else { return false }
        let isHers = Self.owner(of: debit.number) == name
        switch outcome {
        case .done(let record):
            state.update { $0.done += 1 }
            // The other side's balance is told to nobody but who has both.
            return isHers && record.id == request.id && record.debit == debit
                && record.credit == credit && record.debitLeg != nil
                && (record.creditLeg != nil) == (Self.owner(of: credit.number) == name)
        case .refused(.idUsedWithOtherContent):
            return state.asked[request.id] == nil
        case .refused(.sameAccount): return isHers && debit == credit
        case .refused(let refusal): return refusal == .accountUnknown && !isHers
        }
    }

    /// What the ledger has of it in the end: each request of whoever asked, and none of a session that had
    /// ended.
    func checkRecords() async throws {
        let rows = try await TestPostgres.psql(
            service.database,
            """
            SELECT id, requested_by, debit_account, refusal IS NULL FROM teller.transfers
            WHERE kind = 'transfer'
            """)
        let state = state.value
        let tooLate = Set(state.tooLate)
        for row in rows.split(separator: "\n") {
            let columns = row.split(separator: "|", omittingEmptySubsequences: false).map(
                String.init)
            guard columns.count == 4, let id = Identifier(columns[0]) else {
                throw TestFailure("unexpected row: \(row)")
            }
            let isDone = columns[3] == "t"
            if tooLate.contains(id) { fail("done after its session had ended: \(row)") }
            if let asked = state.asked[id], asked != columns[1] {
                fail("\(asked) asked for \(row)")
            }
            if isDone, Self.owner(of: Int64(columns[2]) ?? 0) != columns[1] {
                fail("not from an account of whoever asked: \(row)")
            }
        }
    }
}
