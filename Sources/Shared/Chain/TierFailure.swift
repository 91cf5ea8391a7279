import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// How a tier's command ends when it cannot do its work: a line for the person who typed it, and an
/// exit code.
///
/// Source of the codes: sysexits(3).
public struct TierFailure: Error, Sendable, CustomStringConvertible {
    public enum Status: Sendable {
        case usage, dataError, unavailable, software, cannotCreate, temporary, noPermission
        case configuration

        /// The exit code.
        public var code: Int32 {
            switch self {
            case .usage: EX_USAGE
            case .dataError: EX_DATAERR
            case .unavailable: EX_UNAVAILABLE
            case .software: EX_SOFTWARE
            case .cannotCreate: EX_CANTCREAT
            case .temporary: EX_TEMPFAIL
            case .noPermission: EX_NOPERM
            case .configuration: EX_CONFIG
            }
        }
    }

    public let description: String
    public let exitCode: Int32

    public init(_ description: String, _ status: Status) {
        self.description = description
        exitCode = status.code
    }

    /// The failure to listen at an address.
    public init(listeningAt address: HostAndPort, _ error: any Error) {
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            self.init(
                "\(address) is in use by another process: stop it, or choose another --listen",
                .unavailable)
        case EACCES:
            self.init(
                "may not listen on \(address): ports below 1024 need privileges", .noPermission)
        case let number?:
            self.init(
                "cannot listen on \(address): \(String(cString: strerror(number)))", .unavailable)
        case nil:
            self.init("cannot listen on \(address): \(error)", .unavailable)
        }
    }

    /// What a command's error means, when it says so itself.
    public init?(_ error: any Error) {
        switch error {
        case let error as TierFailure: self = error
        case let error as SettingError:
            self.init(error.description, error.isFlag ? .usage : .configuration)
        case let error as ReadyFile.WriteError: self.init(error.description, .cannotCreate)
        default: return nil
        }
    }

    /// Writes the line to standard error, after what is left of the log.
    ///
    /// - Parameter command: The program's name.
    public func report(by command: String) {
        ServerLog.flush()
        StandardError.write(line: "\(command): \(self)")
    }
}
