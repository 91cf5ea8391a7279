import BankAPI
import BankClient
import Ledger

extension TransferFile {
    private typealias Currencies = [AccountNumber: Result<Currency, TransferFileError>]

    /// How many currencies are read within one timeout.
    private static let mostCurrencies = 500

    /// The request of each line. Reads the currencies that the file, whose ids are all filled in, leaves
    /// out.
    ///
    /// - Throws: when the bank does not answer. Nothing was sent then.
    func requests(_ client: BankClient) async throws(TellerError) -> [FileLine<TransferRequest>] {
        let payers = lines.compactMap(\.value).filter { $0.currency == nil }.map(\.from)
        let currencies = try await Self.currencies(of: Set(payers).sorted(), client)
        return lines.map { line in
            line.map { line throws(TransferFileError) in try Self.request(line, currencies) }
        }
    }

    private static func request(
        _ line: TransferLine, _ currencies: Currencies
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

    /// - Returns: each account's currency, or that there is no such account.
    private static func currencies(
        of accounts: [AccountNumber], _ client: BankClient
    ) async throws(TellerError) -> Currencies {
        var found: Currencies = [:]
        for start in stride(from: 0, to: accounts.count, by: mostCurrencies) {
            let some = Array(accounts[start...].prefix(mostCurrencies))
            let outcomes = await BalanceQuery(client: client.restarted()).run(some)
            for (account, outcome) in zip(some, outcomes) {
                switch outcome {
                case .success(let answer): found[account] = .success(answer.value.balance.currency)
                case .failure(let error) where error.status == .noUser:
                    found[account] = .failure(TransferFileError("from: \(error.what)"))
                case .failure(let error): throw error.advising("nothing was sent")
                }
            }
        }
        return found
    }
}

extension CommandFailure {
    /// The first of the lines that are wrong, and how many more there are.
    ///
    /// - Throws: this failure, when any line is wrong.
    static func check(_ lines: [FileLine<some Sendable>]) throws(CommandFailure) {
        let shown = 20
        let errors = lines.compactMap(\.error)
        guard !errors.isEmpty else { return }
        guard errors.count > shown else { throw CommandFailure(errors: errors) }
        let rest = TellerError(
            .dataError, "\((errors.count - shown).grouped) more lines are invalid",
            advice: "nothing was sent")
        throw CommandFailure(errors: errors.prefix(shown) + [rest])
    }
}
