internal import CLibPQ
internal import Foundation
internal import Logging

/// One try to connect, on the connection's thread, since libpq looks names up in blocking calls whenever
/// it goes on to the next host.
struct ConnectionAttempt: Sendable {
    let parameters: ConnectionParameters
    /// Ends all tries.
    let end: ContinuousClock.Instant
    /// Closed when nobody wants the connection any more.
    let mailbox: Mailbox
    let logger: Logger

    /// A connection that came too late is closed before this returns.
    func connect() throws(PostgresError) -> ConnectionHandle {
        var remaining = parameters
        while true {
            let outcome = connect(to: remaining, until: min(end, .now + parameters.connectTimeout))
            if let reason = mailbox.closeReason { throw reason }
            switch outcome {
            case .done(let outcome): return try outcome.get()
            case .timedOut(let host):
                guard let host, host + 1 < remaining.hostCount, ContinuousClock.now < end
                else { throw PostgresError(.connectTimeout) }
                remaining = remaining.droppingHosts(host + 1)
            }
        }
    }

    private enum Try {
        case done(Result<ConnectionHandle, PostgresError>)
        case timedOut(host: Int?)
    }

    private func connect(
        to parameters: ConnectionParameters, until limit: ContinuousClock.Instant
    ) -> Try {
        guard let pointer = parameters.withLibPQArrays({ PQconnectStartParams($0, $1, 0) })
        else { return .done(.failure(PostgresError(.configuration, detail: "out of memory"))) }
        let handle = ConnectionHandle(pointer, notices: NoticeReceiver(logger: logger))
        // The verbose form is the only one that has the SQLSTATE of a refused connection.
        PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
        var limit = limit
        func host() -> [String] {
            [PQhost(pointer), PQport(pointer)].map { $0.map { String(cString: $0) } ?? "" }
        }
        var place = host()
        var status =
            PQstatus(pointer) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while status != PGRES_POLLING_OK {
            if status == PGRES_POLLING_FAILED {
                return .done(.failure(failure(of: pointer, with: parameters)))
            }
            guard waitForSocket(of: pointer, status, until: limit) else {
                return .timedOut(host: parameters.hostIndex(host: place[0], port: place[1]))
            }
            status = PQconnectPoll(pointer)
            // Each host has its own time.
            if host() != place {
                (place, limit) = (host(), min(end, .now + parameters.connectTimeout))
            }
        }
        return .done(.success(handle))
    }

    /// libpq does not say whether it failed to connect or did not try since it takes no such
    /// parameters. In the latter case it does not get as far as a host that is known to be none either.
    private func failure(
        of pointer: OpaquePointer, with parameters: ConnectionParameters
    ) -> PostgresError {
        let error = connectError(pointer)
        guard error.code == .connectionRefused, PQsocket(pointer) == -1,
            let probe = parameters.withoutHosts.withLibPQArrays({ PQconnectStartParams($0, $1, 0) })
        else { return error }
        defer { PQfinish(probe) }
        let text = PQerrorMessage(probe).map { String(cString: $0) } ?? ""
        if text.contains(ConnectionParameters.noDirectory) { return error }
        return error.with(code: .configuration, isSafeToRetry: false)
    }

    /// - Returns: False when the time is over or nobody waits any more.
    private func waitForSocket(
        of pointer: OpaquePointer, _ status: PostgresPollingStatusType,
        until limit: ContinuousClock.Instant
    ) -> Bool {
        let events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT
        while mailbox.closeReason == nil, limit > .now {
            if mailbox.wait(for: events, of: PQsocket(pointer), until: limit) { return true }
        }
        return false
    }
}
