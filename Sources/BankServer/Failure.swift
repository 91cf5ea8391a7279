import ArgumentParser
import Chain
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Why the server could not start or go on: one line, and a status of sysexits(3).
struct Failure {
    var message: String
    var status: Int32

    init(_ error: any Error, configuration: AppConfiguration) {
        let address = configuration.listen
        switch error {
        case let error as IOError where error.errnoCode == EADDRINUSE:
            message = "\(address) is in use by another process: stop it, or choose another --listen"
            status = EX_UNAVAILABLE
        case let error as IOError where error.errnoCode == EACCES:
            message = "may not listen on \(address): ports below 1024 need privileges"
            status = EX_NOPERM
        case let error as IOError:
            message = "cannot listen on \(address): \(String(cString: strerror(error.errnoCode)))"
            status = EX_UNAVAILABLE
        case let error as ReadyFile.WriteError:
            message = "\(error)"
            status = EX_CANTCREAT
        default:
            message = "cannot listen on \(address): \(error)"
            status = EX_UNAVAILABLE
        }
    }

    /// Writes the line to standard error.
    ///
    /// - Returns: What ends the command with the status.
    static func exit(saying message: String, status: Int32) -> ExitCode {
        StandardError.write(line: "bank-server: \(message)")
        return ExitCode(status)
    }
}
