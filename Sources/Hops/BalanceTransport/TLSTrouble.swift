internal import GRPCCore
internal import NIOSSL

/// Why hop 2 failed, as far as TLS knows.
public enum TLSTrouble {
    /// Whether no connection came about because one end does not accept the other's certificate, or does
    /// not speak TLS: another try will not help, as it may after an outage.
    public static func isCause(of error: any Error) -> Bool {
        switch error {
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: true
        case let error as RPCError: error.cause.map(isCause) ?? false
        case let error as RuntimeError: error.cause.map(isCause) ?? false
        default: false
        }
    }
}
