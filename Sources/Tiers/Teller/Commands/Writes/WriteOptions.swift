import ArgumentParser
import BankAPI
import Ledger

/// What every command takes that asks the bank to do something.
struct WriteOptions: ParsableArguments {
    static let discussion = """
        It is in this client's journal before it is sent. When the answer is lost, the exit code \
        is 2, and 'teller resume' settles it: nothing is done twice.

        --output json prints the transfer as an object, with id, kind, amount, currency, \
        debit_account, credit_account and, of each, the version and the balance with it: \
        'teller balance ACCOUNT --at-least-version VERSION' shows no older state. With it are bank \
        and server, and repeated when it was done before. Of what was not done it prints outcome \
        (refused, unknown or not_done), code and detail.
        """

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

    /// Sends a transfer and prints the outcome.
    func perform(
        _ action: TransferRequest.Action, memo: ShortText? = nil, at bank: JournaledBank
    ) async throws {
        try await perform(
            .transfer(TransferRequest(id: try checkedID(), action: action, memo: memo)), at: bank)
    }

    /// Sends a write and prints the outcome.
    func perform(_ write: BankWrite, at bank: JournaledBank) async throws(TellerError) {
        if id != nil { try await bank.checkOwner(of: write) }
        let earlier = id == nil ? nil : await bank.earlier(write)
        let done: WriteReceipt
        do throws(TellerError) {
            done = try await bank.perform(write)
        } catch {
            let error = await RefusalDetail(client: bank.client).explain(error, of: write)
            if output == .json {
                let facts = WriteFacts(write, failed: error, bank: bank.name)
                try StandardStreams.write(try JSONText.object(facts))
            }
            throw error.at(bank.name)
        }
        // Where it cannot be said, then on standard error, also to a closed pipe.
        do throws(TellerError) {
            let id = write.ids.first
            if output == .json {
                let facts = WriteFacts(id: id, bank: bank.name, isRepeated: earlier != nil)
                return try StandardStreams.write(try JSONText.object(Members(done, and: facts)))
            }
            guard var receipt = Receipt(done) else { return }
            if case .open(let request) = write {
                receipt.append("owner", request.owner?.description)
            }
            receipt.append("id", id?.description)
            receipt.append("bank", bank.name.text)
            receipt.append("repeat", earlier)
            try StandardStreams.write(receipt.text(on: Terminal.standardOutput()))
        } catch {
            throw error.said(after: "\(write.name) is done, but ")
        }
    }
}

extension Receipt {
    /// `nil` for a transfer of a kind that this teller does not know.
    fileprivate init?(_ done: WriteReceipt) {
        if let account = done.account {
            self.init(account)
        } else if let record = done.transfer?.record {
            self.init(record)
        } else {
            return nil
        }
    }
}

extension WriteFacts {
    /// Of what was not done, or is not known.
    fileprivate init(_ write: BankWrite, failed error: TellerError, bank: BankName) {
        self.init(id: write.ids.first, bank: bank)
        kind = write.kind
        code = error.code
        detail = error.what
        let kind: LineOutcome.Kind =
            switch error.status {
            case .refused: .refused
            case .outcomeUnknown: .unknown
            default: .notDone
            }
        outcome = kind.rawValue
    }
}

extension TellerError {
    /// The same failure, with the bank that it came from.
    fileprivate func at(_ bank: BankName) -> TellerError {
        changed {
            if let place {
                $0.place = place.hasSuffix(bank.server) ? place : "\(place) of \(bank.text)"
            } else if status == .refused {
                $0.place = "at bank \(bank.text)"
            }
        }
    }
}
