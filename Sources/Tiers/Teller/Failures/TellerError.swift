import BankClient

/// Why a command failed: one line for standard error, and an exit status.
struct TellerError: Error, Sendable, Equatable {
    var status: ExitStatus
    /// What happened.
    var what: String
    /// At which hop or tier; `nil` when no hop was made.
    var place: String?
    /// What to do about it; empty when there is nothing.
    var advice: String
    /// The bank's code for it, where a bank said so.
    var code: String?
    /// Lines to show below, such as the last ones of a log.
    var details: [String] = []
    /// Whether to end without a word, as after `| head`.
    var isSilent = false

    init(_ status: ExitStatus, _ what: String, at place: Place? = nil, advice: String = "") {
        self.status = status
        self.what = what
        self.place = place?.description
        self.advice = advice
    }

    /// The line, made harmless: much of it can come from a peer or from the command line.
    var line: String? {
        guard !isSilent else { return nil }
        var line = "teller: \(what)"
        if let place { line += ", \(place)" }
        if !advice.isEmpty { line += "; \(advice)" }
        return line.printable.shortened(toColumns: 600)
    }

    /// The same error but for some changes.
    func changed(_ change: (inout TellerError) -> Void) -> TellerError {
        var error = self
        change(&error)
        return error
    }

    /// The same error as the end of a sentence that has to be said, however the output failed.
    func said(after beginning: String) -> TellerError {
        changed {
            $0.what = beginning + $0.what
            $0.isSilent = false
        }
    }

    /// The same error with more to do about it.
    func advising(_ more: String) -> TellerError {
        changed { $0.advice += $0.advice.isEmpty ? more : "; \(more)" }
    }

    /// The same error, said of one of several accounts.
    func about(_ subject: String) -> TellerError {
        changed { $0.what = "\(subject): \($0.what)" }
    }
}

/// Several failures of one command, in the order of its arguments.
struct CommandFailure: Error, Sendable {
    var errors: [TellerError]
}

/// Where in the chain something happened.
enum Place: Sendable, Equatable, CustomStringConvertible {
    /// Between `teller` and the server at this address.
    case hop1(BankAddress)
    case bankServer
    case balanceService
    case postgreSQL
    /// A tier that this version does not know, as it calls itself.
    case tier(String)

    var description: String {
        switch self {
        case .hop1(let address): "on hop 1 to bank-server at \(address)"
        case .bankServer: "at bank-server (hop 1)"
        case .balanceService: "at balance-service (hop 2)"
        case .postgreSQL: "at PostgreSQL (hop 3)"
        case .tier(let name): "at \(name)"
        }
    }

    init(tier: String) {
        switch tier {
        case "bank-server": self = .bankServer
        case "balance-service": self = .balanceService
        case "postgresql": self = .postgreSQL
        default: self = .tier(tier.shortened(toColumns: 40))
        }
    }
}
