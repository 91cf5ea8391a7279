import BankAPI
import Chain
import Foundation
import Ledger
import TestSupport

/// Looks at all accounts again and again while others write.
struct StateReader {
    /// One statement, and so one moment: each account with the last of its entries.
    private static let statement = """
        SELECT accounts.id, balance, held, coalesce(overdraft_limit::text, ''), 
            accounts.version, coalesce(balance_after, 0), currency
        FROM teller.accounts
        LEFT JOIN teller.entries
            ON entries.account_id = accounts.id AND entries.version = accounts.version
        """

    let database: String
    let violations: Violations
    private var versions: [Int64: Int64] = [:]
    private(set) var reads = 0

    init(_ database: String, _ violations: Violations) {
        self.database = database
        self.violations = violations
    }

    /// - Returns: how many reads found the database there.
    mutating func run(until stop: Flag) async throws -> Int {
        while !stop.isRaised {
            try await read()
            try await Task.sleep(for: .milliseconds(50))
        }
        return reads
    }

    private mutating func read() async throws {
        // PostgreSQL may be down; then there is nothing to see.
        guard let rows = try? await TestPostgres.psql(database, Self.statement) else { return }
        reads += 1
        var sums: [Substring: Int64] = [:]
        for line in rows.split(separator: "\n") {
            let row = line.split(separator: "|", omittingEmptySubsequences: false)
            guard row.count == 7, let id = Int64(row[0]), let balance = Int64(row[1]),
                let held = Int64(row[2]), let version = Int64(row[4])
            else { throw TestFailure("unexpected row: \(line)") }
            sums[row[6], default: 0] += balance
            if let limit = Int64(row[3]), balance - held < -limit {
                violations.add(.limits, "account \(id): \(line)")
            }
            if Int64(row[5]) != balance { violations.add(.rowsAgree, "account \(id): \(line)") }
            if version < versions[id] ?? 0 {
                violations.add(
                    .versionsGrow, "account \(id): \(version) after \(versions[id] ?? 0)")
            }
            versions[id] = version
        }
        for (currency, sum) in sums where sum != 0 {
            violations.add(.wholeState, "\(currency) sums to \(sum)")
        }
    }
}

/// Reads single balances through the chain: each is within its limit and as new as those before.
struct BalanceWatcher {
    let accounts: [AccountNumber]
    let limits: [AccountNumber: Int64]
    let violations: Violations
    private var random: SeededGenerator
    private var connection: BankConnection

    init(
        _ address: HostAndPort, limits: [AccountNumber: Int64], random: SeededGenerator,
        violations: Violations
    ) {
        accounts = limits.keys.sorted()
        self.limits = limits
        self.random = random
        self.violations = violations
        connection = BankConnection(address)
    }

    mutating func run(until stop: Flag) async throws {
        defer { connection.close() }
        while !stop.isRaised {
            guard let account = accounts.randomElement(using: &random) else { return }
            let path = BankRoute.balance(of: account)
            let reply = await connection.send("GET", path, timeout: .seconds(1))
            if case .answered(let answer) = reply, answer.status == 200 {
                check(account, answer.body)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func check(_ account: AccountNumber, _ body: String) {
        guard let seen = try? BankJSON.decoder().decode(Balance.self, from: Data(body.utf8)),
            let available = seen.available
        else { return violations.add(.answers, body) }
        if available.minorUnits < -(limits[account] ?? 0) {
            violations.add(.limits, "through the chain: \(body)")
        }
    }
}
