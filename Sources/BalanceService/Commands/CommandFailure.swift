import ArgumentParser
import Chain
import Postgres

/// An end of a command that went wrong: one line on standard error, and an exit code.
struct CommandFailure: Error, CustomStringConvertible {
    /// The exit codes of sysexits(3) that are in use here.
    enum Status: Int32 {
        case usage = 64
        case dataError = 65
        case unavailable = 69
        case software = 70
        case cannotCreate = 73
        case noPermission = 77
        case configuration = 78
    }

    let description: String
    let status: Int32

    init(_ description: String, status: Status) {
        self.description = description
        self.status = status.rawValue
    }

    init(_ error: any Error) {
        description = "\(error)"
        switch error {
        case let error as CommandFailure: status = error.status
        case let error as SettingError: status = error.exitStatus
        case is MigrationError: status = Status.dataError.rawValue
        case let error as PostgresError: status = Self.status(of: error).rawValue
        default: status = Status.software.rawValue
        }
    }

    private static func status(of error: PostgresError) -> Status {
        switch error.code {
        case .configuration: .configuration
        case .authenticationFailed: .noPermission
        default: error.isTransient ? .unavailable : .software
        }
    }
}

/// Runs a command's body; what it throws becomes a ``CommandFailure``'s line and exit code.
func failingInOneLine(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as ExitCode {
        throw error
    } catch {
        let failure = CommandFailure(error)
        ServerLog.flush()
        StandardError.write(line: "balance-service: \(failure)")
        throw ExitCode(failure.status)
    }
}
