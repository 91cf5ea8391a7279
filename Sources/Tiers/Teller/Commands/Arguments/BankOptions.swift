import ArgumentParser
import BankClient
import LocalBank

/// Which bank to ask, and for how long.
struct BankOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The bank's address, such as http://127.0.0.1:8080.", valueName: "url"),
        completion: .list(["http://127.0.0.1:8080"]))
    var server: String?

    @Option(
        name: .customLong("ca"),
        help: ArgumentHelp(
            "Whom to trust for https, as PEM. Else TELLER_CA, else whom the system trusts.",
            valueName: "file"),
        completion: .file())
    var authorities: String?

    @Option(
        help: ArgumentHelp(
            "The longest that the command may take: 500ms, 5s, 2m. (default: 5s, or as above)",
            valueName: "time"),
        completion: .list(["500ms", "1s", "5s", "30s"]))
    var timeout: String?

    func validate() throws {
        _ = try checkedTimeout()
        _ = try givenAddress()
        _ = try trustedAuthorities()
    }

    /// The client for these options. Its clock starts now.
    ///
    /// - Parameters:
    ///   - standardTimeout: the timeout when none is given.
    ///   - isForWrites: whether to ask no bank that nobody named.
    func client(
        isSampled: Bool = false, standardTimeout: Timeout = .standard, isForWrites: Bool = false
    ) throws -> BankClient {
        BankClient(
            address: try givenAddress() ?? ownAddress ?? Self.otherAddress(isForWrites),
            authorities: try trustedAuthorities(),
            timeout: (try checkedTimeout() ?? standardTimeout).duration,
            userAgent: "teller/\(TellerCommand.version)", isSampled: isSampled)
    }

    private func checkedTimeout() throws -> Timeout? {
        try timeout.map { text in try option("--timeout") { try Timeout(text) } }
    }

    private func trustedAuthorities() throws -> TrustedAuthorities? {
        if let authorities {
            return try option("--ca") { try TrustedAuthorities(file: authorities) }
        }
        let variable = "TELLER_CA"
        return try Environment[variable].map { file in
            try option(variable) { try TrustedAuthorities(file: file) }
        }
    }

    /// The address that the caller gave, if any.
    private func givenAddress() throws -> BankAddress? {
        if let server {
            return try option("--server") { try BankAddress(server, source: .flag) }
        }
        let variable = BankAddress.environmentVariable
        return try Environment[variable].map { server in
            try option(variable) { try BankAddress(server, source: .environment) }
        }
    }

    /// Where this home's bank listens; `nil` where the home has none.
    ///
    /// - Throws: when it is down: whoever else listens on this machine is another bank.
    private var ownAddress: BankAddress? {
        get throws {
            let bank = LocalBank()
            let presence: LocalBank.Presence
            do throws(LocalBankError) {
                presence = try bank.presence()
            } catch {
                throw TellerError(localBank: error)
            }
            switch presence {
            case .none: return nil
            case .up(let url): return try BankAddress(url, source: .localBank)
            case .down:
                throw TellerError(
                    .unavailable, "the bank of this machine, in \(bank.home.path), is not up",
                    advice: "start it with 'teller up', or name another with --server")
            }
        }
    }

    private static func otherAddress(_ isForWrites: Bool) throws(TellerError) -> BankAddress {
        guard isForWrites else { return .standard }
        throw TellerError(
            .unavailable, "no bank is named, and none runs on this machine",
            advice: "start one with 'teller up', or name one with --server or "
                + BankAddress.environmentVariable)
    }
}
