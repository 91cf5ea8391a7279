import LocalBank

/// What a local bank's failures mean to a person.
enum LocalBankFailure {
    /// Runs an operation on a local bank, and makes its errors ``TellerError``s.
    static func translating<Value>(
        isolation: isolated (any Actor)? = #isolation, _ operation: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await operation()
        } catch let error as LocalBankError {
            throw TellerError(localBank: error)
        } catch is CancellationError {
            throw TellerError(.interrupted, "interrupted")
        }
    }

    static func status(_ code: LocalBankError.Code) -> ExitStatus {
        switch code {
        case .upDifferently, .databaseNeeded, .databaseAddress: .usage
        case .databaseRefused: .noPermission
        case .homeUnusable: .cannotCreate
        case .locked, .stillRunning: .temporaryFailure
        case .stateUnreadable, .postgresMissing, .postgresVersion, .executableMissing:
            .configuration
        case .databaseUnavailable, .postgresFailed, .spawnFailed, .portInUse, .diedAtStart,
            .notReady, .notUp:
            .unavailable
        default: .software
        }
    }
}

extension TellerError {
    init(localBank error: LocalBankError) {
        self.init(
            LocalBankFailure.status(error.code), error.message, advice: error.advice)
        guard !error.logTail.isEmpty else { return }
        details = error.logTail.map { "  │ \($0)" }
        if let path = error.logPath { details.append("  log: \(path)") }
    }
}
