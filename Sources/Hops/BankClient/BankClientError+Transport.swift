import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension BankClientError {
    /// What a failure on the wire was.
    init(transport error: any Error, address: BankAddress, timeout: Duration) {
        self.init(Reason(transport: error, address), at: address, timeout: timeout)
    }

    /// Whether the failure came before any of the request was sent, so that nothing was done.
    static func isBeforeSending(_ error: any Error) -> Bool {
        switch error {
        case is NIOConnectionError: true
        case NIOSSLError.handshakeFailed: true
        case let error as NIOSSLExtraError: error == .failedToValidateHostname
        case let error as TransportError: error == .noConnection
        case let error as HTTPClientError:
            [.connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout].contains(error)
        case let error as ChannelError:
            if case .connectTimeout = error { true } else { false }
        case let error as IOError: error.errnoCode == ECONNREFUSED
        default: false
        }
    }
}

extension BankClientError.Reason {
    fileprivate init(transport error: any Error, _ address: BankAddress) {
        self =
            switch error {
            case let error as TransportError: Self.answer(error)
            case let error as HTTPClientError: Self.client(error)
            case let error as NIOConnectionError:
                error.connectionErrors.first.map { Self(transport: $0.error, address) }
                    ?? .unknownHost
            case let error as IOError: .system(error.errnoCode)
            case HTTPParserError.invalidEOFState: .answerBrokeOff
            case is HTTPParserError: .notHTTP
            case is ChannelError: .noConnection
            case is CancellationError: .cancelled
            default: address.isSecure ? .tlsFailed : .connectionFailed
            }
    }

    private static func answer(_ error: TransportError) -> Self {
        switch error {
        case .noConnection: .noConnection
        case .outOfTime: .unfinishedAnswer
        case .tooLarge: .answerTooLarge
        case .brokeOff: .answerBrokeOff
        }
    }

    private static func client(_ error: HTTPClientError) -> Self {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout: .noConnection
        case .deadlineExceeded, .readTimeout, .writeTimeout: .noAnswer
        case .cancelled: .cancelled
        default: .closedWithoutAnswer
        }
    }
}
