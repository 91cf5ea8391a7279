internal import CLibPQ
internal import Dispatch
public import Logging

/// One connection to PostgreSQL. It serves one call at a time.
///
/// It has a thread of its own, which runs libpq and sleeps in poll(2): a call costs its caller two
/// thread hops, there and back. Pools bound how many there are.
public final class PostgresConnection: Sendable {
    /// How long an attempt that nobody waits for may take to end. It takes a moment, unless it looks a name
    /// up, which cannot be interrupted.
    private static let patience = Duration.seconds(1)

    /// The process that serves the connection on the server, as in `pg_stat_activity`.
    public let backendPID: Int32
    private let mailbox: Mailbox

    private init(backendPID: Int32, mailbox: Mailbox) {
        self.backendPID = backendPID
        self.mailbox = mailbox
    }

    // MARK: Its thread

    /// Connects to the first host that will have it.
    ///
    /// An attempt that fails returns when its thread has left libpq: the caller may be about to end the
    /// process, and a thread that still computes for authentication would crash in what exit(3) has
    /// taken down.
    ///
    /// - Parameter deadline: Ends all tries, also when it is before the hosts' own timeouts.
    static func connect(
        _ configuration: PostgresConfiguration, logger: Logger,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(PostgresError) -> PostgresConnection {
        let mailbox = try Mailbox()
        let parameters = try ConnectionParameters(configuration)
        let longest = parameters.connectTimeout * parameters.hostCount
        let end = min(.now + longest, deadline ?? .now + longest)
        let attempt = ConnectionAttempt(
            parameters: parameters, end: end, mailbox: mailbox, logger: logger)
        let opened = Handoff<Result<PostgresConnection, PostgresError>>()
        let isStarted = startThread {
            mailbox.ended.offer(run(attempt, configuration, opened))
        }
        guard isStarted else { throw PostgresError(.connectionRefused, detail: "no thread left") }
        offer(PostgresError(.connectTimeout), to: opened, at: end + patience)
        return try await withTaskCancellationHandler {
            await opened.value()
        } onCancel: {
            let error = PostgresError(.cancelled, isSafeToRetry: true)
            mailbox.close(because: error)
            offer(error, to: opened, at: .now + patience)
        }.get()
    }

    private static func offer(
        _ error: PostgresError, to opened: Handoff<Result<PostgresConnection, PostgresError>>,
        at instant: ContinuousClock.Instant
    ) {
        let wait = (instant - .now) / .seconds(1)
        DispatchQueue.global().asyncAfter(deadline: .now() + wait) { [weak opened] in
            opened?.offer(.failure(error))
        }
    }

    /// The thread's whole life.
    ///
    /// - Returns: Whether the server may still be in COMMIT.
    private static func run(
        _ attempt: ConnectionAttempt, _ configuration: PostgresConfiguration,
        _ opened: Handoff<Result<PostgresConnection, PostgresError>>
    ) -> Bool {
        do throws(PostgresError) {
            let handle = try attempt.connect()
            let connection = PostgresConnection(
                backendPID: PQbackendPID(handle.pointer), mailbox: attempt.mailbox)
            let session = Session(handle, configuration: configuration, mailbox: attempt.mailbox)
            // Nobody takes it after a look-up that took too long.
            guard opened.offer(.success(connection)) else { return false }
            session.serve()
            return session.leftCommitting
        } catch {
            opened.offer(.failure(error))
            return false
        }
    }

    /// Runs `work` on the connection's thread.
    nonisolated(nonsending) func call<Answer: Sendable>(
        _ work: @escaping @Sendable (Session) throws(PostgresError) -> Answer
    ) async throws(PostgresError) -> Answer {
        let answer = Handoff<Result<Answer, PostgresError>>()
        let call = Mailbox.Call { session in
            let result = Result { () throws(PostgresError) in try work(session) }
            return { answer.offer(result) }
        }
        return try await withTaskCancellationHandler {
            if let refusal = mailbox.post(call) { return Result<Answer, _>.failure(refusal) }
            return await answer.value()
        } onCancel: { [mailbox] in
            mailbox.cancel(call)
        }.get()
    }

    // MARK: Its end

    /// Opens a connection of its own, for as long as `body` runs.
    /// - Parameters:
    ///   - deadline: for connecting; nil for the configuration's timeouts only.
    ///   - body: gets the connection, which is closed when it returns.
    /// - Throws: a `PostgresError` when it cannot connect; what `body` throws.
    public nonisolated(nonsending) static func withConnection<Result>(
        _ configuration: PostgresConfiguration,
        logger: Logger,
        deadline: ContinuousClock.Instant? = nil,
        _ body: nonisolated(nonsending) (PostgresConnection) async throws -> sending Result
    ) async throws -> sending Result {
        let connection = try await connect(configuration, logger: logger, deadline: deadline)
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Closes the connection. A call in progress ends with `connectionClosed`.
    public nonisolated(nonsending) func close() async {
        closeSoon()
        await ended()
    }

    /// Closes the connection without waiting for it.
    func closeSoon() {
        mailbox.close(because: PostgresError(.connectionClosed))
    }

    /// Waits until the connection is closed, for whatever reason, and its thread has left libpq.
    ///
    /// - Returns: Whether the server may still be in COMMIT.
    @discardableResult
    nonisolated(nonsending) func ended() async -> Bool {
        await mailbox.ended.value()
    }

    var isOpen: Bool { mailbox.closeReason == nil }

    /// Whether another caller may have the connection: open, idle and in no transaction.
    var isReusable: Bool { mailbox.isReusable }
}
