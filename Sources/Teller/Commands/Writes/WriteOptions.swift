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
        return identifier
    }

    /// Asks for a transfer and says what was done.
    func perform(
        _ action: TransferRequest.Action, memo: ShortText? = nil, at bank: JournaledBank
    ) async throws {
        let request = TransferRequest(id: try checkedID(), action: action, memo: memo)
        let transfer = try await bank.submit(request)
        let terminal = Terminal.standardOutput()
        try Self.say(
            output == .json
                ? try JSONText.object(transfer) : TransferView(transfer.record).text(on: terminal),
            of: .transfer(request))
    }

    /// Asks for an account and says what was opened.
    func open(_ request: OpenAccount, at bank: JournaledBank) async throws {
        let account = try await bank.open(request)
        try say(AccountChangeView(account: account, id: request.id), of: .open(request))
    }

    /// Asks for an account's end and says what was closed.
    func close(_ number: AccountNumber, at bank: JournaledBank) async throws {
        let id = try checkedID()
        let account = try await bank.close(number, id: id)
        try say(AccountChangeView(account: account, id: id), of: .close(number, id: id))
    }

    private func say(_ view: AccountChangeView, of write: BankWrite) throws(TellerError) {
        let text = output == .json ? try view.json() : view.text(on: Terminal.standardOutput())
        try Self.say(text, of: write)
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

extension Identifier {
    static let example = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55"
}
