import BankAPI
import Ledger

/// Asks for several balances, some at a time.
struct BalanceQuery: Sendable {
    typealias Outcome = Result<Answer<Balance>, TellerError>

    let client: BankClient

    /// - Returns: an outcome for each account, in order.
    func run(_ accounts: [AccountNumber]) async -> [Outcome] {
        if let account = accounts.first, accounts.count == 1 { return [await ask(account)] }
        return await withTaskGroup(of: (Int, Outcome).self) { group in
            var outcomes = [Outcome?](repeating: nil, count: accounts.count)
            var waiting = accounts.enumerated().makeIterator()
            func askNext() {
                guard let (index, account) = waiting.next() else { return }
                group.addTask { (index, await ask(account)) }
            }
            for _ in 0..<BankClient.mostAtOnce { askNext() }
            for await (index, outcome) in group {
                outcomes[index] = outcome
                askNext()
            }
            return outcomes.compactMap { $0 }
        }
    }

    private func ask(_ account: AccountNumber) async -> Outcome {
        do throws(TellerError) {
            return .success(try await client.balance(of: account))
        } catch {
            return .failure(error)
        }
    }

    /// The failures, each with its account when there were several; one alone when all accounts
    /// failed for the same reason, such as a server that is not there.
    static func failures(of outcomes: [Outcome], _ accounts: [AccountNumber]) -> [TellerError] {
        var failures: [(account: AccountNumber, error: TellerError)] = []
        for (account, outcome) in zip(accounts, outcomes) {
            if case .failure(let error) = outcome { failures.append((account, error)) }
        }
        guard accounts.count > 1, let first = failures.first else {
            return failures.map { $0.error.status == .noUser ? $0.error.about($0.account.grouped) : $0.error }
        }
        let isOneReason = failures.allSatisfy { $0.error == first.error }
        if isOneReason, failures.count == accounts.count, first.error.status != .noUser {
            return [first.error]
        }
        return failures.map { $0.error.about($0.account.grouped) }
    }
}
