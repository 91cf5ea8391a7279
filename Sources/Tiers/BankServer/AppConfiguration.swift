import BalanceClient
import BalanceTransport
import Chain
import HTTPFront
import Logging
import NIOCore

/// The settings of `bank-server serve`.
struct AppConfiguration: Sendable {
    var listen: HostAndPort
    var balanceServices: [HostAndPort]
    /// `nil`: nobody said.
    var hop2: HopSecurity?
    /// Files of PEM, for hop 1 by TLS.
    var tlsCertificate: String?
    var tlsKey: String?
    /// Whether hop 1 may be plain HTTP where others can reach it: those are a proxy that ends TLS.
    var isPlaintext = false
    /// The IP addresses of those proxies, where what they say of their callers counts.
    var proxies: [String] = []
    /// The names that a request may ask for it by, besides localhost.
    var hostNames: [String] = []
    var logLevel = Logger.Level.info
    var maxInFlight = 1000
    var batchesInFlight = 1
    /// While one is committed, the next one is prepared.
    var writeBatchesInFlight = 2
    /// How many transfers may wait for a call, together in all requests.
    var waitingTransfers = 5000
    var lockWait = BalanceServices.Configuration.lockWait
    /// How many one call carries.
    var transfersPerBatch = 500
    var readyFile: ReadyFile?
    var httpLimits = HTTPLimits()
    /// How long answers ask their callers to close before the server drains.
    var drainNotice = Duration.milliseconds(300)

    init(listen: HostAndPort, balanceServices: [HostAndPort]) {
        self.listen = listen
        self.balanceServices = balanceServices
    }

    /// - Throws: The first setting that is not valid.
    init(_ command: ServeCommand) throws(SettingError) {
        let services = command.balanceServices
        let file = try command.settings.file()
        listen = try Self.listen.value(flag: command.listen, file: file)
        balanceServices = try Self.balanceServices.value(
            flag: services.isEmpty ? nil : services.joined(separator: ","), file: file)
        hop2 = try Self.certificates.value(flag: command.certificates, file: file)
        tlsCertificate = try Self.tlsCertificate.value(flag: command.tls.tlsCertificate, file: file)
        tlsKey = try Self.tlsKey.value(flag: command.tlsKey, file: file)
        isPlaintext = try Self.plaintext.value(flag: command.plaintext ? "true" : nil, file: file)
        proxies = try Self.proxies.value(
            flag: command.proxies.isEmpty ? nil : command.proxies.joined(separator: ","),
            file: file)
        hostNames = try Self.hostNames.value(
            flag: command.hostNames.isEmpty ? nil : command.hostNames.joined(separator: ","),
            file: file)
        logLevel = try Self.logLevel.value(flag: command.logLevel, file: file)
        maxInFlight = try Self.maxInFlight.value(flag: command.maxInFlight, file: file)
        batchesInFlight = try Self.batchesInFlight.value(flag: command.batchesInFlight, file: file)
        writeBatchesInFlight = try Self.writeBatchesInFlight.value(
            flag: command.writeBatchesInFlight, file: file)
        transfersPerBatch = try Self.transfersPerBatch.value(
            flag: command.transfersPerBatch, file: file)
        readyFile = try Self.readyFile.value(flag: command.readyFile, file: file)
    }

    /// The names that a settings file may set.
    static let names = [
        listen.names, balanceServices.names, certificates.names, tlsCertificate.names, tlsKey.names,
        plaintext.names, proxies.names, hostNames.names, logLevel.names,
        maxInFlight.names,
        batchesInFlight.names, writeBatchesInFlight.names, transfersPerBatch.names,
        readyFile.names,
    ].flatMap(\.self)

    private static let listen = Setting(
        "--listen", "BANK_SERVER_LISTEN", default: HostAndPort(host: "127.0.0.1", port: 8080),
        expected: "host:port"
    ) { HostAndPort($0) }

    private static let balanceServices = Setting(
        "--balance-service", "BALANCE_SERVICES",
        default: [HostAndPort(host: "127.0.0.1", port: 50051)],
        expected: "host:port or unix:/path, or several with commas between them"
    ) { text in
        list(text) { HostAndPort(orUnixSocket: String($0)) }.flatMap { addresses in
            addresses.allSatisfy { $0.port != 0 || $0.unixPath != nil } ? addresses : nil
        }
    }

    private static let certificates = HopSecurity.setting("BANK_SERVER_CERTIFICATES")

    static let tlsCertificate = file("--tls-certificate", "BANK_SERVER_TLS_CERTIFICATE")

    private static let tlsKey = file("--tls-key", "BANK_SERVER_TLS_KEY")

    private static func file(_ flag: String, _ variable: String) -> Setting<String?> {
        Setting(flag, variable, default: nil, expected: "a file") { $0 }
    }

    private static let plaintext = Setting(
        "--plaintext", "BANK_SERVER_PLAINTEXT", default: false, expected: "true or false"
    ) { Bool($0) }

    private static let proxies = Setting(
        "--proxy", "BANK_SERVER_PROXIES", default: [String](),
        expected: "an IP address, or several with commas between them"
    ) { text in list(text, Forwarded.ipAddress) }

    private static let hostNames = Setting(
        "--host-name", "BANK_SERVER_HOST_NAMES", default: [String](),
        expected: "a host's name, or several with commas between them"
    ) { text in
        list(text) { name in
            name.utf8.contains(UInt8(ascii: ":")) ? nil : RequestHost(name)?.name
        }
    }

    /// - Returns: `nil` when one of what the commas separate is no value.
    private static func list<Value>(_ text: String, _ value: (Substring) -> Value?) -> [Value]? {
        let parts = text.utf8.split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        let values = parts.compactMap { value(Substring($0)) }
        return values.count == parts.count ? values : nil
    }

    private static let logLevel = Setting(
        "--log-level", "LOG_LEVEL", default: Logger.Level.info,
        expected: "trace, debug, info, notice, warning, error or critical"
    ) { Logger.Level(rawValue: $0) }

    private static let maxInFlight = Setting.count(
        "--max-in-flight", "BANK_SERVER_MAX_IN_FLIGHT", default: 1000, in: 1...100_000)

    private static let batchesInFlight = Setting.count(
        "--batches-in-flight", "BANK_SERVER_BATCHES_IN_FLIGHT", default: 1, in: 1...64)

    private static let writeBatchesInFlight = Setting.count(
        "--write-batches-in-flight", "BANK_SERVER_WRITE_BATCHES_IN_FLIGHT", default: 2, in: 1...64)

    private static let transfersPerBatch = Setting.count(
        "--transfers-per-batch", "BANK_SERVER_TRANSFERS_PER_BATCH", default: 500, in: 1...1000)

    private static let readyFile = Setting.readyFile("BANK_SERVER_READY_FILE")
}
