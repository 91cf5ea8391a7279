import BalanceAPI
import Ledger
import SwiftProtobuf
import TestSupport

@testable import BalanceService

extension MixedBank {
    func read(_ count: Int, _ generator: inout SeededGenerator) async throws {
        let callers = callers(&generator)
        var request = Teller_Balance_V1_BalancesRequest()
        request.callers = callers
        for _ in 0..<count {
            // Now and then one that there is not.
            let number = Int64.random(in: Self.accounts.lowerBound...125, using: &generator)
            var query = Teller_Balance_V1_BalanceQuery()
            query.account = try account(number)
            query.context.caller = UInt32(generator.number(0...callers.count + 1))
            request.queries.append(query)
        }
        // The copy may hear of it a moment later.
        let isOther = generator.chance(50)
        let endedBefore = isOther ? [] : state.ended
        let outcomes = try await (isOther ? other : service).balances.getBalances(request).outcomes
        let ending = state.ending
        if outcomes.count != count { fail("\(outcomes.count) outcomes of \(count)") }
        for (query, outcome) in zip(request.queries, outcomes) {
            let member = member(at: query.context.caller, callers)
            let isOver = member.map { endedBefore.contains($0.token) } ?? true
            let mayBeOver = member.map { ending.contains($0.token) } ?? true
            let number = try AccountNumber(query.account)
            let isHers = member != nil && Self.owner(of: number.number) == member?.name
            let isRight: Bool =
                switch outcome.outcome {
                case .account(let account):
                    isHers && !isOver && account.account == query.account
                case .refusal(let refusal) where refusal.code == .unauthenticated: mayBeOver
                case .refusal(let refusal):
                    refusal.code == .accountUnknown && !isHers && !isOver
                        && refusal.message.contains(number.grouped)
                case nil: false
                }
            if !isRight { fail("\(member?.name ?? "nobody") asks for \(number): \(outcome)") }
            if case .account = outcome.outcome { state.update { $0.done += 1 } }
        }
    }
}
