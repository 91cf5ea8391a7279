public import Certificates
import Chain
public import GRPCNIOTransportHTTP2Posix
public import Logging
internal import NIOCertificateReloading
public import ServiceLifecycle

/// One end of hop 2: mutual TLS with a tier's certificate, which is read anew while the tier runs. Both
/// ends speak version 1.3, as all that this project starts does.
///
/// New connections use the new certificate. The authorities are read once: a new one needs a restart, or a
/// file that holds the old and the new one while certificates change.
public struct TierTLS: Service {
    /// Why a tier's certificate cannot be used.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private let folder: CertificateFolder
    private let reloader: TimedCertificateReloader

    /// - Parameter refreshInterval: How often the files are read anew.
    /// - Throws: ``Failure`` when there is no certificate that belongs to its key.
    public init(
        _ folder: CertificateFolder, refreshInterval: Duration = .seconds(10), logger: Logger
    ) throws(Failure) {
        self.folder = folder
        do {
            let log = ReloadLog([folder.certificate, folder.key], logger: logger)
            reloader = try TimedCertificateReloader.makeReloaderValidatingSources(
                configuration: .init(
                    refreshInterval: refreshInterval,
                    certificateSource: .init(
                        location: .file(path: folder.certificate), format: .pem),
                    privateKeySource: .init(location: .file(path: folder.key), format: .pem)
                ) {
                    $0.onCertificateLoaded = { _ in log.noteSuccess() }
                    $0.onCertificateLoadFailed = { log.noteFailure($0.error) }
                })
        } catch {
            throw Failure(
                description: "the certificate in \(folder.path) (tls.crt, tls.key) cannot be used: "
                    + "\(error)")
        }
    }

    /// Reads the files anew until it is cancelled.
    public func run() async throws {
        try await reloader.run()
    }

    /// For the service: takes only clients whose certificate is of an authority that it trusts. Which tier
    /// a client is, and what it may call, is decided for each call.
    public func server() throws -> HTTP2ServerTransport.Posix.TransportSecurity {
        try .mTLS(certificateReloader: reloader) { tls in
            tls.trustRoots = authorities
            tls.requireALPN = true
        }
    }

    /// For the service's clients.
    func client() throws -> HTTP2ClientTransport.Posix.TransportSecurity {
        try .mTLS(certificateReloader: reloader) { $0.trustRoots = authorities }
    }

    private var authorities: TLSConfig.TrustRootsSource {
        .certificates([.file(path: folder.authorities, format: .pem)])
    }
}
