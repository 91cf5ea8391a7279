internal import Certificates
public import Chain
internal import GRPCCore
public import GRPCNIOTransportHTTP2Posix
public import NIOCore

extension HTTP2ClientTransport.Posix {
    /// What carries calls to a balance service.
    ///
    /// - Parameter tls: This tier's end; `nil`: hop 2 is not encrypted, and nobody knows the other end.
    public init(
        toBalanceServiceAt address: HostAndPort, tls: TierTLS?,
        on eventLoopGroup: any EventLoopGroup
    ) throws {
        let name = tls == nil ? "localhost" : TierName.balanceService.hostName
        let target: any ResolvableTarget =
            if let path = address.unixPath {
                .unixDomainSocket(path: path, authority: name)
            } else {
                .dns(host: address.host, port: address.port)
            }
        try self.init(
            target: target, transportSecurity: try tls?.client() ?? .plaintext,
            config: .defaults { config in
                // Batches coalesce already; waiting for more frames only adds to each call's time.
                config.connection.flushCoalescing = nil
                // The certificate names a tier, not the address that it was found at.
                if tls != nil { config.http2.authority = name }
            }, eventLoopGroup: eventLoopGroup)
    }
}
