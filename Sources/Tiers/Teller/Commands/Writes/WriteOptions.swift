import ArgumentParser
import BankAPI
import Ledger

/// What every command takes that asks the bank to do something.
struct WriteOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The request's id, a UUID. Repeated with the same id it is done once, and answered the "
                + "same. (default: a new one)", valueName: "uuid"))
    var id: String?

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    @OptionGroup var bank: BankOptions

    func validate() throws {
        _ = try checkedID()
    }

    /// The id that was given, or a new one.
    func checkedID() throws -> Identifier { try givenID() ?? .now() }

    func givenID() throws -> Identifier? {
        guard let id else { return nil }
        guard let identifier = Identifier(id) else {
            throw ValidationError("--id: an id is a UUID, such as \(Identifier.example)")
        }
        guard !identifier.isReserved else {
            throw ValidationError("--id: a UUID of all zeros or all ones is not a valid id")
        }
        return identifier
    }

    /// Asks for a transfer and says what was done.
    func perform(
        _ action: TransferRequest.Action, memo: ShortText? = nil, at bank: JournaledBank
    ) async throws {
        let request = TransferRequest(id: try checkedID(), action: action, memo: memo)
        let earlier = id == nil ? nil : await bank.earlier(request)
        let write = BankWrite.transfer(request)
        try await say(write, at: bank, wasBefore: earlier) { () throws(TellerError) in
            do throws(TellerError) {
                return try await bank.submit(request)
            } catch {
                throw await RefusalDetail(client: bank.client).explain(error, of: request)
            }
        } as: { transfer, repeated in
            transfer.record.map {
                TransferView($0, bank: bank.name, repeated: repeated)
                    .text(on: Terminal.standardOutput())
            } ?? ""
        }
    }

    /// Asks for an account and says what was opened.
    func open(_ request: OpenAccount, at bank: JournaledBank) async throws {
        try await change(.open(request), at: bank) { () throws(TellerError) in
            try await bank.open(request)
        }
    }

    /// Asks for an account's end and says what was closed.
    func close(_ number: AccountNumber, at bank: JournaledBank) async throws {
        let id = try checkedID()
        try await change(.close(number, id: id), at: bank) { () throws(TellerError) in
            do throws(TellerError) {
                return try await bank.close(number, id: id)
            } catch {
                throw await RefusalDetail(client: bank.client).explain(error, closing: number)
            }
        }
    }

    private func change(
        _ write: BankWrite, at bank: JournaledBank,
        _ ask: () async throws(TellerError) -> Account
    ) async throws {
        let wasBefore = id == nil ? false : await bank.hasDone(write)
        let earlier = wasBefore ? "it was done before, and not again" : nil
        try await say(write, at: bank, wasBefore: earlier, ask) { account, repeated in
            AccountChangeView(
                account: account, id: write.ids[0], bank: bank.name, repeated: repeated
            ).text(on: Terminal.standardOutput())
        }
    }

    /// Sends it, and prints the outcome.
    private func say<Value: Encodable>(
        _ write: BankWrite, at bank: JournaledBank, wasBefore: String?,
        _ ask: () async throws(TellerError) -> Value, as text: (Value, String?) -> String
    ) async throws(TellerError) {
        let value: Value
        do throws(TellerError) {
            value = try await ask()
        } catch {
            if output == .json {
                let failure = WriteFailureDocument(write: write, error: error, bank: bank.name)
                try StandardStreams.write(try JSONText.object(failure))
            }
            throw error.at(bank.name)
        }
        try Self.say(
            output == .json
                ? try JSONText.object(
                    WriteDocument(
                        value: value, id: write.ids.first, bank: bank.name,
                        isRepeated: wasBefore != nil))
                : text(value, wasBefore),
            of: write)
    }

    /// Says what was done; where that cannot be, then on standard error, also to a closed pipe.
    private static func say(_ text: String, of write: BankWrite) throws(TellerError) {
        do throws(TellerError) {
            try StandardStreams.write(text)
        } catch {
            throw error.said(after: "\(write.name) is done, but ")
        }
    }
}

extension TellerError {
    /// The same failure, with the bank that it came from.
    fileprivate func at(_ bank: BankName) -> TellerError {
        var error = self
        if let place {
            error.place = place.hasSuffix(bank.server) ? place : "\(place) of \(bank.text)"
        } else if status == .refused {
            error.place = "at bank \(bank.text)"
        }
        return error
    }
}

extension Identifier {
    static let example = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55"
}
