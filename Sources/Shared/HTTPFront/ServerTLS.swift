import NIOSSL

/// A server's certificate with its key: connections are by TLS 1.2 or later then.
public struct ServerTLS: Sendable {
    /// Why a certificate cannot be used.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    let context: NIOSSLContext

    /// - Parameters:
    ///   - certificateChain: A file of PEM: the server's certificate, and those that vouch for it.
    ///   - privateKey: A file of PEM.
    public init(certificateChain: String, privateKey: String) throws(Failure) {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificateChain)
            let key = try NIOSSLPrivateKey(file: privateKey, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Failure(
                description: "the certificate in \(certificateChain), with its key in "
                    + "\(privateKey), cannot be used: \(error)")
        }
    }
}
