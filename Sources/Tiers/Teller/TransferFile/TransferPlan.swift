import BankAPI
import BankClient
import Ledger

/// What a file of transfers comes to: a request for each line, or why there is none.
struct TransferPlan: Sendable {
    struct Step: Sendable {
        /// The line's number in the file.
        var line: Int
        var request: Result<TransferRequest, LineError>
    }

    var steps: [Step]
    var repetition: FileRepetition

    /// The lines that there is no request for, as errors for a person.
    var errors: [TellerError] {
        steps.compactMap { step in
            guard case .failure(let error) = step.request else { return nil }
            return Self.error(error, line: step.line)
        }
    }

    static func error(_ error: LineError, line: Int) -> TellerError {
        TellerError(.dataError, "line \(line): \(error)", advice: "nothing was sent")
    }

    /// Asks for the currencies that the file leaves out.
    ///
    /// - Throws: when the bank cannot be asked. Nothing was sent then.
    init(
        _ file: TransferFile, isAtomic: Bool, client: BankClient
    ) async throws(TellerError) {
        let currencies = try await CurrencyQuery(client: client).run(file)
        repetition = FileRepetition(base: file.base, isAtomic: isAtomic)
        steps = file.lines.map { line in
            Step(
                line: line.number,
                request: line.content.flatMap { Self.request($0, currencies) })
        }
    }

    private static func request(
        _ line: CheckedLine, _ currencies: [AccountNumber: Result<Currency, LineError>]
    ) -> Result<TransferRequest, LineError> {
        do throws(LineError) {
            let found = try currencies[line.from]?.get()
            guard let currency = line.currency ?? found else {
                throw LineError("it has no currency")
            }
            guard let id = line.id else { throw LineError("it has no id") }
            let amount = try line.money(in: currency)
            return .success(
                TransferRequest(
                    id: id,
                    action: .transfer(debit: line.from, credit: line.to, amount: amount),
                    memo: line.memo))
        } catch {
            return .failure(error)
        }
    }
}

/// Asks for the currencies of the accounts that pay, each once.
struct CurrencyQuery: Sendable {
    /// How many are asked for within one timeout.
    static let most = 500

    let client: BankClient

    /// - Returns: what each account's currency is, or that there is no such account.
    func run(
        _ file: TransferFile
    ) async throws(TellerError) -> [AccountNumber: Result<Currency, LineError>] {
        var found: [AccountNumber: Result<Currency, LineError>] = [:]
        let unknown = Set(file.good.filter { $0.line.currency == nil }.map(\.line.from)).sorted()
        for start in stride(from: 0, to: unknown.count, by: Self.most) {
            let accounts = Array(unknown[start..<min(start + Self.most, unknown.count)])
            let outcomes = await BalanceQuery(client: client.restarted()).run(accounts)
            for (account, outcome) in zip(accounts, outcomes) {
                switch outcome {
                case .success(let answer): found[account] = .success(answer.value.balance.currency)
                case .failure(let error) where error.status == .noUser:
                    found[account] = .failure(LineError("from: \(error.what)"))
                case .failure(var error):
                    error.advise("nothing was sent")
                    throw error
                }
            }
        }
        return found
    }
}
