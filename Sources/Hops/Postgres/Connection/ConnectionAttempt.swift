internal import CLibPQ
internal import Synchronization

/// Owns a libpq connection and closes it at the end.
///
/// Unchecked: the thread that connects hands it to the connection's actor, and only the one that has it
/// uses the pointer.
final class ConnectionHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    /// Kept as long as libpq may call it.
    private let notices: NoticeReceiver

    init(_ pointer: OpaquePointer, notices: NoticeReceiver) {
        self.pointer = pointer
        self.notices = notices
        notices.attach(to: pointer)
    }

    deinit {
        PQfinish(pointer)
    }
}

/// One try to connect, on a helper thread, since libpq looks names up in blocking calls whenever it
/// goes on to the next host. Authentication, which computes for milliseconds, is there as well.
final class ConnectionAttempt: Sendable {
    typealias Outcome = Result<ConnectionHandle, PostgresError>

    /// How long an attempt that was abandoned may take to end. It takes a moment, unless it looks a name
    /// up, which cannot be interrupted.
    private static let patience = Duration.seconds(1)

    private let parameters: ConnectionParameters
    private let notices: NoticeReceiver
    /// Why nobody wants the connection any more.
    private let abandonment = Mutex<PostgresError.Code?>(nil)
    private let outcome = Handoff<Outcome>()

    init(parameters: ConnectionParameters, notices: NoticeReceiver) {
        self.parameters = parameters
        self.notices = notices
    }

    /// Connects to the first host that will have it.
    ///
    /// Returns when the helper thread has left libpq: the caller may be about to end the process, and a
    /// thread that still computes for authentication would crash in what exit(3) has taken down.
    /// - Parameter deadline: ends all tries, also when it is before the hosts' own timeouts.
    func run(
        reactor: SocketReactor, deadline: ContinuousClock.Instant?
    ) async throws(PostgresError) -> ConnectionHandle {
        let bound = ContinuousClock.now + parameters.connectTimeout * parameters.hostCount
        let end = min(bound, deadline ?? bound)
        let outcome = await withTaskCancellationHandler {
            Helper.run { [self] in
                // Nobody takes it after a look-up that took too long.
                _ = self.outcome.offer(connectUnlessAbandoned(until: end))
            }
            reactor.schedule(at: end) { [weak self, unowned reactor] in
                self?.abandon(with: .connectTimeout, on: reactor)
            }
            return await self.outcome.value()
        } onCancel: {
            abandon(with: .cancelled, on: reactor)
        }
        return try outcome.get()
    }

    private func abandon(with code: PostgresError.Code, on reactor: SocketReactor) {
        let isFirst = abandonment.withLock { abandonment in
            guard abandonment == nil else { return false }
            abandonment = code
            return true
        }
        guard isFirst else { return }
        reactor.schedule(at: .now + Self.patience) { [weak self] in
            _ = self?.outcome.offer(.failure(PostgresError(code, isSafeToRetry: true)))
        }
    }

    private var isAbandoned: Bool { abandonment.withLock { $0 != nil } }

    // MARK: On the helper thread

    /// A connection that came too late is closed before this returns.
    private func connectUnlessAbandoned(until end: ContinuousClock.Instant) -> Outcome {
        let outcome = connect(until: end)
        guard let code = abandonment.withLock({ $0 }) else { return outcome }
        return .failure(PostgresError(code, isSafeToRetry: true))
    }

    private func connect(until end: ContinuousClock.Instant) -> Outcome {
        var remaining = parameters
        while true {
            let limit = min(end, .now + parameters.connectTimeout)
            switch connect(to: remaining, until: limit) {
            case .done(let outcome): return outcome
            case .timedOut(let host):
                guard let host, host + 1 < remaining.hostCount, ContinuousClock.now < end,
                    !isAbandoned
                else { return .failure(PostgresError(.connectTimeout)) }
                remaining = remaining.droppingHosts(host + 1)
            }
        }
    }

    private enum Try {
        case done(Outcome)
        case timedOut(host: Int?)
    }

    private func connect(
        to parameters: ConnectionParameters, until limit: ContinuousClock.Instant
    ) -> Try {
        guard let pointer = parameters.withLibPQArrays({ PQconnectStartParams($0, $1, 0) })
        else { return .done(.failure(PostgresError(.configuration, detail: "out of memory"))) }
        let handle = ConnectionHandle(pointer, notices: notices)
        // The verbose form is the only one that has the SQLSTATE of a refused connection.
        PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
        var limit = limit
        var place = (
            PQhost(pointer).map { String(cString: $0) }, PQport(pointer).map { String(cString: $0) }
        )
        var status =
            PQstatus(pointer) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while status != PGRES_POLLING_OK {
            if status == PGRES_POLLING_FAILED {
                return .done(.failure(failure(of: pointer, with: parameters)))
            }
            guard waitForSocket(of: pointer, status, until: limit) else {
                let index = parameters.hostIndex(host: place.0 ?? "", port: place.1 ?? "")
                return .timedOut(host: index)
            }
            status = PQconnectPoll(pointer)
            let now = (
                PQhost(pointer).map { String(cString: $0) },
                PQport(pointer).map { String(cString: $0) }
            )
            if now != place { (place, limit) = (now, .now + parameters.connectTimeout) }
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

    /// - Returns: false when the time is over or nobody waits any more.
    private func waitForSocket(
        of pointer: OpaquePointer, _ status: PostgresPollingStatusType,
        until limit: ContinuousClock.Instant
    ) -> Bool {
        let events = status == PGRES_POLLING_READING ? System.readable : System.writable
        var polled = PollSet()
        polled.append(PQsocket(pointer), events: events)
        while !isAbandoned {
            let rest = millisecondsUntil(limit)
            if rest == 0 { return false }
            // Short turns: there is no descriptor that tells of an abandoned attempt.
            polled.wait(milliseconds: min(rest, 50))
            if polled.isReady(0) { return true }
        }
        return false
    }
}
