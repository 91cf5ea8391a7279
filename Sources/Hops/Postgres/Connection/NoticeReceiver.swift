internal import CLibPQ
internal import Logging

/// Where libpq delivers the notices of one connection, on its thread.
final class NoticeReceiver {
    private let logger: Logger
    /// What the server said when a commit may be missing on the standby.
    var localCommit: PostgresDiagnostics?

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
        if diagnostics.isCommitLocalOnly { localCommit = diagnostics }
        logger.log(
            level: diagnostics.severity == "WARNING" ? .warning : .info,
            "PostgreSQL notice: \(diagnostics)")
    }
}
