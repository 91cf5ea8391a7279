import ArgumentParser
import BankAPI
import BankClient
import Chain
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
            "The longest that the command may take: 500ms, 5s, 2m. Else TELLER_TIMEOUT. "
                + "(default: 5s, or as above)",
            valueName: "time"),
        completion: .list(["500ms", "1s", "5s", "30s"]))
    var timeout: String?

    @Option(
        help: ArgumentHelp(
            "A file of TELLER_SERVER, TELLER_CA, TELLER_TIMEOUT and TELLER_TOKEN, a NAME=VALUE on each "
                + "line; else "
                + "\(Self.settingsVariable).", valueName: "file"),
        completion: .file())
    var settings: String?

    private static let settingsVariable = "TELLER_SETTINGS"
    private static let serverSetting = Setting<String?>(
        "--server", BankAddress.environmentVariable, default: nil, expected: "a bank's address"
    ) { $0 }
    private static let authoritiesSetting = Setting<String?>(
        "--ca", "TELLER_CA", default: nil, expected: "a file"
    ) { $0 }
    private static let timeoutSetting = Setting<String?>(
        "--timeout", "TELLER_TIMEOUT", default: nil, expected: "a time"
    ) { $0 }

    private static let tokenSetting = Setting<String?>(
        nil, "TELLER_TOKEN", default: nil, expected: "a session's token", isSecret: true
    ) { $0 }

    func validate() throws {
        // The file is read once, when the command runs.
        _ = try givenTimeout(nil)
        _ = try givenAddress(nil)
        _ = try trustedAuthorities(nil)
    }

    /// The client for these options. Its clock starts now.
    ///
    /// - Parameters:
    ///   - standardTimeout: the timeout when none is given.
    ///   - isForWrites: whether to ask no bank that nobody named.
    func client(
        isSampled: Bool = false, standardTimeout: Timeout = .standard, isForWrites: Bool = false
    ) throws -> BankClient {
        try connection(
            isSampled: isSampled, standardTimeout: standardTimeout, isForWrites: isForWrites
        ).client
    }

    /// The client for a password, without a session.
    func clientForPassword() throws -> BankClient {
        let client = try anonymous(false, .standard, true, try settingsFile())
        try Self.checkSecrecy(of: "a password", to: client.address)
        return client
    }

    /// The client, and the kept session that it asks with, if it does: TELLER_TOKEN counts before it.
    func connection(
        isSampled: Bool = false, standardTimeout: Timeout = .standard, isForWrites: Bool = false
    ) throws -> (client: BankClient, session: KeptSession?) {
        let file = try settingsFile()
        var client = try anonymous(isSampled, standardTimeout, isForWrites, file)
        let address = client.address
        // A token that somebody gives is for a bank that she names, or her own machine's.
        client.token = address.source == .standard ? nil : try givenToken(file)
        let session = client.token == nil ? try SessionStore.standard()?.session(at: address) : nil
        client.token = client.token ?? session?.token
        if client.token != nil { try Self.checkSecrecy(of: "a session's token", to: address) }
        return (client, session)
    }

    /// - Throws: where others could read what is sent.
    private static func checkSecrecy(
        of what: String, to address: BankAddress
    ) throws(TellerError) {
        guard !address.isSecure, !address.authority.isOnThisMachine else { return }
        throw TellerError(
            .usage, "\(address) is plain HTTP: others on the way could read \(what)",
            advice: "use https, with --ca for a certificate that the system does not trust; "
                + "nothing was sent")
    }

    private func anonymous(
        _ isSampled: Bool, _ standardTimeout: Timeout, _ isForWrites: Bool, _ file: SettingsFile?
    ) throws -> BankClient {
        BankClient(
            address: try givenAddress(file) ?? ownAddress ?? Self.otherAddress(isForWrites),
            authorities: try trustedAuthorities(file),
            timeout: (try givenTimeout(file) ?? standardTimeout).duration,
            userAgent: "teller/\(TellerCommand.version)", isSampled: isSampled)
    }

    private func givenToken(_ file: SettingsFile?) throws -> SessionToken? {
        try Self.given(Self.tokenSetting, nil, file) { given in
            guard let token = SessionToken(given.text) else {
                throw ValidationError("this is not the token of a session")
            }
            return token
        }
    }

    private func settingsFile() throws(TellerError) -> SettingsFile? {
        do throws(SettingError) {
            return try SettingsFile(
                flag: settings, variable: Self.settingsVariable,
                names: [
                    Self.serverSetting, Self.authoritiesSetting, Self.timeoutSetting,
                    Self.tokenSetting,
                ].flatMap(\.names))
        } catch {
            throw TellerError(.configuration, "\(error)", advice: "nothing was sent")
        }
    }

    private func givenTimeout(_ file: SettingsFile?) throws -> Timeout? {
        try Self.given(Self.timeoutSetting, timeout, file) { try Timeout($0.text) }
    }

    private func trustedAuthorities(_ file: SettingsFile?) throws -> TrustedAuthorities? {
        try Self.given(Self.authoritiesSetting, authorities, file) {
            try TrustedAuthorities(file: $0.text)
        }
    }

    /// The address that the caller gave, if any.
    private func givenAddress(_ file: SettingsFile?) throws -> BankAddress? {
        try Self.given(Self.serverSetting, server, file) {
            try BankAddress($0.text, source: .init(rawValue: $0.source))
        }
    }

    private static func given<Value>(
        _ setting: Setting<String?>, _ flag: String?, _ file: SettingsFile?,
        _ read: (SettingText) throws -> Value
    ) throws -> Value? {
        let text: SettingText?
        do throws(SettingError) {
            text = try setting.text(flag: flag, file: file)
        } catch {
            throw TellerError(.configuration, "\(error)", advice: "nothing was sent")
        }
        guard let given = text else { return nil }
        if given.isFlag || given.source == setting.variable {
            return try option(given.source) { try read(given) }
        }
        do {
            return try read(given)
        } catch {
            throw TellerError(
                .configuration, "\(given.source): \(error)", advice: "nothing was sent")
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
