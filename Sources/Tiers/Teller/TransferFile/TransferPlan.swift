import BankAPI
import BankClient
import Ledger

/// What a file of transfers comes to: a request for each line, or why there is none.
struct TransferPlan: Sendable {
    struct Step: Sendable {
        /// The line's number in the file.
        var line: Int
        var request: Result<TransferRequest, TransferFileError>
    }

    /// How many currencies are asked for within one timeout.
    private static let mostCurrencies = 500

    var steps: [Step]

    /// Asks for the currencies that the file leaves out.
    ///
    /// - Parameter file: with all ids filled in.
    /// - Throws: when the bank cannot be asked. Nothing was sent then.
    init(_ file: TransferFile, client: BankClient) async throws(TellerError) {
        let payers = file.lines.compactMap { line -> AccountNumber? in
            guard case .success(let line) = line.content, line.currency == nil else { return nil }
            return line.from
        }
        let currencies = try await Self.currencies(of: Set(payers).sorted(), client)
        steps = file.lines.map { line in
            let request = line.content.flatMap { line in
                Result { () throws(TransferFileError) in try Self.request(line, currencies) }
            }
            return Step(line: line.number, request: request)
        }
    }

    private static func request(
        _ line: TransferLine, _ currencies: [AccountNumber: Result<Currency, TransferFileError>]
    ) throws(TransferFileError) -> TransferRequest {
        let found = try currencies[line.from]?.get()
        guard let currency = line.currency ?? found, let id = line.id else {
            throw TransferFileError("it has no currency or no id")
        }
        let amount = try line.money(in: currency)
        return TransferRequest(
            id: id, action: .transfer(debit: line.from, credit: line.to, amount: amount),
            memo: line.memo)
    }

    /// - Returns: what each account's currency is, or that there is no such account.
    private static func currencies(
        of accounts: [AccountNumber], _ client: BankClient
    ) async throws(TellerError) -> [AccountNumber: Result<Currency, TransferFileError>] {
        var found: [AccountNumber: Result<Currency, TransferFileError>] = [:]
        for start in stride(from: 0, to: accounts.count, by: mostCurrencies) {
            let some = Array(accounts[start...].prefix(mostCurrencies))
            let outcomes = await BalanceQuery(client: client.restarted()).run(some)
            for (account, outcome) in zip(some, outcomes) {
                switch outcome {
                case .success(let answer): found[account] = .success(answer.value.balance.currency)
                case .failure(let error) where error.status == .noUser:
                    found[account] = .failure(TransferFileError("from: \(error.what)"))
                case .failure(var error):
                    error.advise("nothing was sent")
                    throw error
                }
            }
        }
        return found
    }
}

extension TellerError {
    /// What is wrong with a line, if anything is.
    init?(_ line: Int, _ content: Result<some Any, TransferFileError>) {
        guard case .failure(let error) = content else { return nil }
        self.init(.dataError, "line \(line): \(error)", advice: "nothing was sent")
    }
}

extension CommandFailure {
    /// The first lines that are wrong, and how many more there are.
    init(ofLines errors: [TellerError]) {
        let shown = 20
        self.init(errors: Array(errors.prefix(shown)))
        guard errors.count > shown else { return }
        self.errors.append(
            TellerError(
                .dataError, "\((errors.count - shown).grouped) more lines are invalid",
                advice: "nothing was sent"))
    }
}
