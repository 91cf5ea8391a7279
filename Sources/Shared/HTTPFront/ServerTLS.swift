import Chain
public import Logging
import NIOCertificateReloading
import NIOSSL
public import ServiceLifecycle

/// A server's certificate with its key: connections are by TLS 1.2 or later then. As a service it reads
/// them anew, for the connections to come.
public struct ServerTLS: Service {
    /// Why a certificate cannot be used.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    let context: NIOSSLContext
    private let reloader: TimedCertificateReloader

    /// - Parameters:
    ///   - certificateChain: A file of PEM: the server's certificate, and those that vouch for it.
    ///   - privateKey: A file of PEM.
    ///   - refreshInterval: How often both are read anew.
    public init(
        certificateChain: String, privateKey: String, refreshInterval: Duration = .seconds(10),
        logger: Logger? = nil
    ) throws(Failure) {
        do {
            let log = ReloadLog([certificateChain, privateKey], logger: logger)
            reloader = try TimedCertificateReloader.makeReloaderValidatingSources(
                configuration: .init(
                    refreshInterval: refreshInterval,
                    certificateSource: .init(location: .file(path: certificateChain), format: .pem),
                    privateKeySource: .init(location: .file(path: privateKey), format: .pem)
                ) {
                    $0.onCertificateLoaded = { _ in log.noteSuccess() }
                    $0.onCertificateLoadFailed = { log.noteFailure($0.error) }
                })
            var configuration = try TLSConfiguration.makeServerConfiguration(
                certificateReloader: reloader)
            configuration.minimumTLSVersion = .tlsv12
            // Of TLS 1.2 what 1.3 has: keys of one connection each, and ciphers that authenticate.
            configuration.cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"
            configuration.applicationProtocols = ["http/1.1"]
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Failure(
                description: "the certificate in \(certificateChain), with its key in "
                    + "\(privateKey), cannot be used: \(error)")
        }
    }

    /// Reads both anew until it is cancelled.
    public func run() async throws {
        try await reloader.run()
    }
}
