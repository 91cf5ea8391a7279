internal import CLibPQ
internal import Foundation

/// A connection on its thread: libpq's part, which nothing else touches, and the call that is served.
final class Session {
    let handle: ConnectionHandle
    let configuration: PostgresConfiguration
    let mailbox: Mailbox
    var statements: StatementCache
    var call: Mailbox.Call?
    var operation = Operation()
    /// Told what notifications said, of one that listens.
    var onNotification: (([String]) -> Void)?
    /// It was closed while the server may still have been in COMMIT.
    var leftCommitting = false

    var pointer: OpaquePointer { handle.pointer }

    init(_ handle: ConnectionHandle, configuration: PostgresConfiguration, mailbox: Mailbox) {
        self.handle = handle
        self.configuration = configuration
        self.mailbox = mailbox
        statements = StatementCache(limit: configuration.preparedStatementLimit)
        // Pipelining in blocking mode can deadlock (manual, "Using Pipeline Mode").
        PQsetnonblocking(pointer, 1)
        PQenterPipelineMode(pointer)
    }

    /// Serves calls until the connection is closed.
    func serve() {
        while true {
            let next = mailbox.next
            if let call = next.call {
                self.call = call
                let answer = call.work(self)
                // It holds what was asked and answered.
                self.call = nil
                mailbox.finishCall(isInTransaction: isInTransaction)
                // It may call again at once.
                answer()
                // Some may have come with the answer.
                if onNotification != nil { takeNotifications() }
            } else if next.isClosed {
                return
            } else if mailbox.wait(for: POLLIN, of: PQsocket(pointer), until: nil) {
                readWhileIdle()
            }
        }
    }

    var isInTransaction: Bool { PQtransactionStatus(pointer) != PQTRANS_IDLE }

    /// Something arrived that nobody asked for: a notice, or the end of the connection.
    private func readWhileIdle() {
        let isOpen = PQconsumeInput(pointer) == 1
        // In an idle connection PQisBusy makes libpq take notices and the server's last words in.
        _ = PQisBusy(pointer)
        takeNotifications()
        guard !isOpen || PQstatus(pointer) == CONNECTION_BAD else { return }
        mailbox.close(because: lostError())
    }

    private func takeNotifications() {
        var said: [String] = []
        while let notification = PQnotifies(pointer) {
            said.append(notification.pointee.extra.map { String(cString: $0) } ?? "")
            PQfreemem(notification)
        }
        if !said.isEmpty { onNotification?(said) }
    }

    /// What libpq knows of the end of the connection.
    func lostError(diagnostics: PostgresDiagnostics? = nil) -> PostgresError {
        let text = PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
        return PostgresError(.connectionLost, detail: text, diagnostics: diagnostics)
    }
}

/// Owns a libpq connection, and closes it at the end.
final class ConnectionHandle {
    let pointer: OpaquePointer
    /// Kept as long as libpq may call it.
    let notices: NoticeReceiver

    init(_ pointer: OpaquePointer, notices: NoticeReceiver) {
        self.pointer = pointer
        self.notices = notices
        notices.attach(to: pointer)
    }

    deinit {
        PQfinish(pointer)
    }
}
