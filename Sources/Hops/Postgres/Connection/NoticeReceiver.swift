internal import CLibPQ
internal import Logging
internal import Synchronization

/// Where libpq delivers the notices of one connection.
final class NoticeReceiver: Sendable {
    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let localCommit = Mutex<PostgresDiagnostics?>(nil)

    init(configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// The connection must not outlive the receiver.
    func attach(to connection: OpaquePointer) {
        let argument = Unmanaged.passUnretained(self).toOpaque()
        _ = PQsetNoticeReceiver(
            connection,
            { argument, result in
                guard let argument, let result else { return }
                Unmanaged<NoticeReceiver>.fromOpaque(argument).takeUnretainedValue()
                    .receive(PostgresDiagnostics(result: result))
            }, argument)
    }

    private func receive(_ diagnostics: PostgresDiagnostics) {
        if diagnostics.isCommitLocalOnly { localCommit.withLock { $0 = diagnostics } }
        configuration.report(PostgresNotice(diagnostics: diagnostics), to: logger)
    }

    /// What the server said when a commit since the last call may be missing on the standby.
    func takeLocalCommit() -> PostgresDiagnostics? {
        localCommit.withLock { warning in
            defer { warning = nil }
            return warning
        }
    }
}

extension PostgresDiagnostics {
    /// "The transaction has already committed locally, but might not have been replicated to the
    /// standby": recognised by its origin, as its text is translated.
    var isCommitLocalOnly: Bool { sourceFunction == "SyncRepWaitForLSN" }
}
