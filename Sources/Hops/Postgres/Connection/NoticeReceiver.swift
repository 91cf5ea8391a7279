internal import CLibPQ
internal import Logging
internal import Synchronization

/// Where libpq delivers the notices of one connection.
final class NoticeReceiver: Sendable {
    private let logger: Logger
    private let localCommit = Mutex<PostgresDiagnostics?>(nil)

    init(logger: Logger) {
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
        logger.log(
            level: diagnostics.severity == "WARNING" ? .warning : .info,
            "PostgreSQL notice: \(diagnostics)")
    }

    /// What the server said when a commit since the last call may be missing on the standby.
    func takeLocalCommit() -> PostgresDiagnostics? {
        localCommit.withLock { warning in
            defer { warning = nil }
            return warning
        }
    }
}
