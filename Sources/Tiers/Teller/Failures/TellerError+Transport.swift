import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension TellerError {
    /// What a failure on the wire means to a person.
    init(transport error: any Error, address: BankAddress, timeout: Timeout) {
        switch error {
        case let error as TransportError: self = .answer(error, address, timeout)
        case let error as HTTPClientError: self = .client(error, address, timeout)
        case let error as NIOConnectionError: self = .connection(error, address, timeout)
        case let error as IOError: self = .system(error.errnoCode, address)
        case HTTPParserError.invalidEOFState: self = .answer(.brokeOff, address, timeout)
        case is HTTPParserError:
            self = TellerError(
                .protocolError, "the answer is not HTTP", at: .hop1(address),
                advice: "\(address.correction) to a bank's")
        case is ChannelError:
            self = .deadline("no connection within \(timeout)", address)
        case is CancellationError:
            self = TellerError(.interrupted, "interrupted", at: .hop1(address))
        default:
            let what = address.isSecure ? "no TLS connection came about" : "the connection failed"
            self = TellerError(
                .unavailable, what, at: .hop1(address), advice: "check that a bank listens there")
        }
    }

    /// Whether the failure came before any of the request was sent, so that nothing can have come of
    /// it.
    static func isBeforeSending(_ error: any Error) -> Bool {
        switch error {
        case is NIOConnectionError: true
        case let error as TransportError: error == .noConnection
        case let error as HTTPClientError:
            [.connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout].contains(error)
        case let error as ChannelError:
            if case .connectTimeout = error { true } else { false }
        case let error as IOError: error.errnoCode == ECONNREFUSED
        default: false
        }
    }

    private static func answer(
        _ error: TransportError, _ address: BankAddress, _ timeout: Timeout
    ) -> TellerError {
        switch error {
        case .noConnection: deadline("no connection within \(timeout)", address)
        case .outOfTime: deadline("the answer did not end within \(timeout)", address)
        case .tooLarge:
            TellerError(
                .protocolError,
                "the answer is larger than \(HTTPTransport.largestBody >> 20) MB",
                at: .hop1(address), advice: "\(address.correction) to a bank's")
        case .brokeOff:
            TellerError(
                .unavailable, "the connection broke off in the middle of the answer",
                at: .hop1(address), advice: "try again")
        }
    }

    private static func client(
        _ error: HTTPClientError, _ address: BankAddress, _ timeout: Timeout
    ) -> TellerError {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            return deadline("no connection within \(timeout)", address)
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            return deadline("no answer within \(timeout)", address)
        case .cancelled:
            return TellerError(.interrupted, "interrupted", at: .hop1(address))
        default:
            return TellerError(
                .unavailable, "the connection was closed without an answer", at: .hop1(address),
                advice: "check that a bank listens there, and try again")
        }
    }

    private static func deadline(_ what: String, _ address: BankAddress) -> TellerError {
        TellerError(
            .temporaryFailure, what, at: .hop1(address),
            advice: "try again, or give it longer with --timeout")
    }

    private static func connection(
        _ error: NIOConnectionError, _ address: BankAddress, _ timeout: Timeout
    ) -> TellerError {
        if let failure = error.connectionErrors.first {
            return TellerError(transport: failure.error, address: address, timeout: timeout)
        }
        return TellerError(
            .noHost, "no host has this name", at: .hop1(address), advice: address.correction)
    }

    private static func system(_ code: Int32, _ address: BankAddress) -> TellerError {
        let (what, advice) =
            switch code {
            case ECONNREFUSED:
                ("connection refused", address.startOrCorrect)
            case ECONNRESET, EPIPE:
                ("the connection was closed without an answer", "check that a bank listens there")
            case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL:
                ("the host cannot be reached", "check the network, or \(address.correction)")
            default: ("the connection failed: \(String(cString: strerror(code)))", "try again")
            }
        return TellerError(.unavailable, what, at: .hop1(address), advice: advice)
    }
}

extension BankAddress {
    /// What to do where nothing listens.
    fileprivate var startOrCorrect: String {
        source == .localBank
            ? "start it again with 'teller up'" : "start a bank with 'teller up', or \(correction)"
    }

    /// How to change the address.
    var correction: String {
        switch source {
        case .flag: "correct --server"
        case .environment: "correct \(Self.environmentVariable)"
        case .localBank, .standard: "give a bank's address with --server"
        }
    }
}
