import BankAPI
import BankClient
import Ledger

/// A bank that is asked for writes: each is in the journal before it is sent, and what came of it
/// after.
struct JournaledBank: Sendable {
    let client: BankClient
    let journal: Journal
    let bank: Bank

    var ledger: Identifier { bank.ledger }
    /// Which bank it is and where, for every answer of a write.
    var name: BankName { BankName(bank: bank.bank, server: client.address.description) }

    /// Asks for a transfer. Ctrl-C ends the wait for its answer.
    ///
    /// - Throws: why it was not done; ``ExitStatus/outcomeUnknown`` when it may have been.
    func submit(_ request: TransferRequest) async throws(TellerError) -> Transfer {
        try await perform(.transfer(request), WriteReceipt.transfer) { [ledger] client in
            await client.submit(request, ledger: ledger)
        }
    }

    /// Asks for an account, as ``submit(_:)`` does for a transfer.
    func open(_ request: OpenAccount) async throws(TellerError) -> Account {
        try await perform(.open(request), WriteReceipt.account) { [ledger] client in
            await client.open(request, ledger: ledger)
        }
    }

    /// Asks for an account's end, as ``submit(_:)`` does for a transfer.
    func close(_ number: AccountNumber, id: Identifier) async throws(TellerError) -> Account {
        try await perform(.close(number, id: id), WriteReceipt.account) { [ledger] client in
            await client.close(number, id: id, ledger: ledger)
        }
    }

    private func perform<Value: Sendable>(
        _ write: BankWrite, _ receipt: (Value) -> WriteReceipt,
        asking ask: @escaping @Sendable (BankClient) async -> Written<Value>
    ) async throws(TellerError) -> Value {
        let result = try await Interruption.trapping {
            interruption throws(TellerError) -> WriteOutcome<Value> in
            try await self.result(of: write, receipt) {
                // Waiting for the journal took none of the time that the bank has.
                await interruption.cancelling { [client] in await ask(client.restarted()) }
                    .mapFailure(TellerError.init)
            }
        }
        switch result {
        case .done(let value): return value
        case .refused(_, let error): throw error
        case .nothingDone(_, var error):
            // Nobody shall wonder whether to pay again.
            error.advise("nothing was done")
            throw error
        case .unknown(let error): throw error.leavingUnknown(write)
        }
    }

    /// What came of a write: in the journal are the intent before it is asked for, and that after.
    private func result<Value: Sendable>(
        of write: BankWrite, _ receipt: (Value) -> WriteReceipt,
        asking ask: () async -> WriteOutcome<Value>
    ) async throws(TellerError) -> WriteOutcome<Value> {
        let intent = JournalIntent(write, ledger: ledger, server: client.address)
        return try await journal.whileUnderWay([intent]) { () async throws(TellerError) in
            let result = await ask()
            let outcomes = JournalOutcome.all(result.map(receipt), of: [intent.attempt])
            do throws(TellerError) {
                try await journal.append(outcomes)
            } catch {
                if let why = result.resumableFailure { throw why.leavingIntent(of: write, error) }
                // What came of it is known nevertheless.
                StandardStreams.complain(error.line)
            }
            return result
        }
    }
}

extension JournalOutcome {
    /// What a result says of tries; nothing when it is not known.
    static func all<Failure>(
        _ result: WriteResult<WriteReceipt, Failure>, of attempts: [Identifier]
    ) -> [JournalOutcome] {
        switch result {
        case .done(let receipt):
            attempts.map { JournalOutcome(.done, of: $0, account: receipt.account) }
        case .refused(let code, _):
            attempts.map { JournalOutcome(.refused, of: $0, code: code.rawValue) }
        case .nothingDone(let code, _):
            attempts.map { JournalOutcome(.nothingDone, of: $0, code: code?.rawValue) }
        case .unknown: []
        }
    }
}

extension TellerError {
    /// The same failure, of a write that was not done and that the journal still has as pending.
    ///
    /// - Parameter reason: why the journal did not take the outcome.
    func leavingIntent(of write: BankWrite, _ reason: TellerError) -> TellerError {
        var error = self
        error.status = .outcomeUnknown
        error.what =
            "UNKNOWN: nothing was done (\(what)), but \(write.name) is still in the journal, and "
            + "'teller resume' would do it: \(reason.what)"
        error.advice = "settle it with 'teller resume', and do not ask anew"
        return error
    }

    /// The same failure, as the reason why nobody knows what came of a write.
    func leavingUnknown(_ write: BankWrite) -> TellerError {
        var error = self
        error.status = .outcomeUnknown
        error.what = "UNKNOWN: \(write.name) may or may not have been done: \(what)"
        error.advice = "'teller resume' settles it"
        return error
    }
}
