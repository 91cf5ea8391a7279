import ArgumentParser
import Chain
import Postgres

/// Runs a command's body; what it throws becomes a line on standard error and an exit code.
func reportingFailure(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch {
        let failure = TierFailure(error) ?? TierFailure(behind: error)
        failure.report(by: "balance-service")
        throw ExitCode(failure.exitCode)
    }
}

extension TierFailure {
    fileprivate init(behind error: any Error) {
        switch error {
        case let error as MigrationError: self.init("\(error)", error.status)
        case let error as PostgresTransactionError: self.init(behind: error.underlying)
        // Whoever types the command may see what PostgreSQL said.
        case let error as PostgresError:
            self.init("\(error): \(error.explanation)", Self.status(of: error))
        default: self.init("\(error)", .software)
        }
    }

    private static func status(of error: PostgresError) -> Status {
        switch error.sqlState {
        // Starting up, which may be a recovery: it passes by itself.
        case "57P03": return .temporary
        // No such database, or one that is read-only: another has to be named.
        case "3D000", "25006": return .configuration
        case "42501": return .noPermission
        default: break
        }
        return switch error.code {
        case .configuration: .configuration
        case .authenticationFailed: .noPermission
        case .deadlineExceeded: .unavailable
        default: error.isTransient ? .unavailable : .software
        }
    }
}
