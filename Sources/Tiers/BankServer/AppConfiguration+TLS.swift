import Chain
import HTTPFront
import Logging

extension AppConfiguration {
    /// Hop 1's certificate; `nil` for plain HTTP, which leaves this machine only where somebody said so.
    ///
    /// - Throws: ``TierFailure`` when what it is to be is not said, or not usable.
    func frontTLS(logger: Logger) throws(TierFailure) -> ServerTLS? {
        switch (tlsCertificate, tlsKey) {
        case (let certificate?, let key?):
            do {
                return try ServerTLS(certificateChain: certificate, privateKey: key, logger: logger)
            } catch {
                throw TierFailure("\(error)", .configuration)
            }
        case (nil, nil): break
        default:
            throw TierFailure("--tls-certificate and --tls-key belong together", .configuration)
        }
        guard !listen.isOnThisMachine else { return nil }
        guard isPlaintext else {
            throw TierFailure(
                "\(listen) is reached from elsewhere: name a certificate with --tls-certificate and "
                    + "--tls-key, or say --plaintext where a proxy in front ends TLS",
                .configuration)
        }
        logger.warning(
            "hop 1 is not encrypted: nobody but a proxy that ends TLS may reach it",
            metadata: ["address": "\(listen)"])
        return nil
    }
}
