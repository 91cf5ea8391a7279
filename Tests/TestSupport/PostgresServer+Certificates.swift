public import Certificates
internal import Foundation

extension PostgresServer {
    /// Lets nobody in but by TLS with a certificate, as `deploy/postgresql` has it.
    ///
    /// - Parameter files: the server's own.
    public func demandCertificates(_ files: CertificateFolder) async throws {
        let rules = projectFolder.appending(path: "deploy/postgresql").path
        // Its user has to own the key, and may not pass through the test's folder.
        let script = """
            cd "$1/data" && cp "$2/tls.crt" "$2/tls.key" "$2/ca.crt" "$3"/*.conf . &&
            chown --reference=PG_VERSION tls.crt tls.key ca.crt *.conf && chmod 600 tls.key &&
            cat >> postgresql.conf <<END
            ssl = on
            ssl_min_protocol_version = 'TLSv1.3'
            ssl_cert_file = 'tls.crt'
            ssl_key_file = 'tls.key'
            ssl_ca_file = 'ca.crt'
            END
            """
        try await runCommand(["sh", "-c", script, "sh", folder, files.path, rules])
        try await restart()
    }
}
