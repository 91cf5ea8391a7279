import BankAPI
import Foundation
import Ledger
import TestSupport

/// The bank test: random transfers between a few accounts, with whole-state reads and faults at the
/// same time; afterwards everything that was asked is compared with everything that is there.
struct BankTest {
    struct Settings {
        var accounts = 8
        /// Callers over HTTP.
        var workers = 8
        /// Callers by the command line.
        var commands = 0
        var time = Duration.seconds(20)
        /// Between faults, and of faults, in milliseconds.
        var pauses = 300...1000
        var outages = 100...1000
        /// No more faults when something was found.
        var endsEarly = false
    }

    /// What a run came to.
    struct Tally: CustomStringConvertible {
        var done = 0
        var refused = 0
        /// Of the others, those that were settled by repeating them.
        var unknown = 0
        var notDone = 0
        var commands = 0
        var reads = 0
        var faults: [String: Int] = [:]

        var description: String {
            let struck = faults.sorted { $0.key < $1.key }.map { "  \($0.value) × \($0.key)" }
            return """
                \(done) done, \(refused) refused, \(unknown) unknown and then settled, \
                \(notDone) not done, \(commands) by the command line; \(reads) whole-state reads; \
                \(faults.values.reduce(0, +)) faults:
                \(struck.joined(separator: "\n"))
                """
        }
    }

    let bank: any BankUnderTest
    let folder: String
    let settings: Settings
    let violations = Violations()
    var random: SeededGenerator
    var tally = Tally()
    /// Of the accounts.
    var limits: [AccountNumber: Int64] = [:]
    let currency: Currency

    init(
        _ bank: any BankUnderTest, folder: String, _ settings: Settings, _ random: SeededGenerator
    ) throws {
        guard let currency = Currency(code: "USD") else { throw TestFailure("USD") }
        self.currency = currency
        self.bank = bank
        self.folder = folder
        self.settings = settings
        self.random = random
    }

    /// Opens the accounts and gives them their first money.
    mutating func open() async throws {
        try await eventually { try await bank.isWhole() }
        var connection = BankConnection(bank.address)
        defer { connection.close() }
        var workload = workload([])
        for index in 0..<settings.accounts {
            let limit = Money(minorUnits: index.isMultiple(of: 2) ? 0 : 5000, currency: currency)
            let request = OpenAccount(
                id: workload.identifier(), ledger: nil, name: try ShortText("Number \(index)"),
                overdraftLimit: limit)
            let reply = await connection.send(
                "POST", BankRoute.accounts, body: try BankJSON.encode(request),
                timeout: .seconds(5))
            guard case .answered(let answer) = reply, (200..<300).contains(answer.status) else {
                throw TestFailure("an account was not opened: \(reply)")
            }
            let account = try BankJSON.decoder().decode(Account.self, from: Data(answer.body.utf8))
            limits[account.account] = limit.minorUnits
            let deposit = Submission(requests: [workload.deposit(10_000, to: account.account)])
            let paid = await connection.send(
                "POST", deposit.path, body: try deposit.body(), timeout: .seconds(5))
            guard case .done = Answer.answers(to: deposit, in: paid).first else {
                throw TestFailure("no deposit: \(paid)")
            }
        }
    }

    /// One round of load and faults, and the comparison.
    mutating func round() async throws {
        let beginning = try await TestPostgres.psql(bank.database, "SELECT clock_timestamp()")
        let before = try await LedgerContents.read(bank.database, since: beginning)
        let (history, commands) = (History(), CommandHistory())
        let teller = TellerBank(server: "http://\(bank.address)", folder: folder)
        try await load(history, commands, teller)
        try await settle(history)
        try await repeatSome(history)
        if settings.commands > 0 { try await settle(teller) }
        try await audit()
        let after = try await LedgerContents.read(bank.database, since: beginning)
        Checker(
            history: history.all, commands: commands.all, before: before, after: after,
            violations: violations
        ).check()
        count(history, commands)
    }

    func workload(_ subjects: Subjects, _ random: SeededGenerator) -> Workload {
        Workload(
            random: random, accounts: limits.keys.sorted(), currency: currency, subjects: subjects)
    }

    private mutating func workload(_ accounts: [AccountNumber]) -> Workload {
        Workload(
            random: random.fork(), accounts: accounts, currency: currency, subjects: Subjects())
    }

    private mutating func count(_ history: History, _ commands: CommandHistory) {
        for entry in history.all.values {
            let wasUnknown = entry.answers.contains {
                if case .unknown = $0 { true } else { false }
            }
            switch entry.settled {
            case .done: tally.done += 1
            case .refused: tally.refused += 1
            default: tally.notDone += 1
            }
            if wasUnknown { tally.unknown += 1 }
        }
        tally.commands += commands.all.count
    }
}
