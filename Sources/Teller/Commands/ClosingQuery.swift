import BankAPI
import Ledger

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Asks which accounts are closed, as a balance does not say: only those with nothing in them can be.
struct ClosingQuery: Sendable {
    let client: BankClient

    /// - Returns: when those that are closed were; none where the bank does not tell.
    func run(_ balances: [Balance]) async -> [AccountNumber: Date] {
        let empty = balances.filter { $0.balance.minorUnits == 0 && $0.held?.minorUnits == 0 }
        let closings = await empty.concurrentMap(atOnce: BankClient.mostAtOnce) {
            [client] balance in
            (balance.account, (try? await client.account(balance.account))?.closedAt)
        }
        var found: [AccountNumber: Date] = [:]
        for (account, closing) in closings { found[account] = closing }
        return found
    }
}
