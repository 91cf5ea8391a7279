import BalanceAPI
import Chain
import GRPCCore
import GRPCProtobuf
import Logging
import Postgres
import SwiftProtobuf
import Synchronization

/// `teller.identity.v1.Identity`: who asks. What it decides, it decides on rows that it has locked.
final class IdentityService: Teller_Identity_V1_Identity.ServiceProtocol {
    /// As the role that alone reads people and their sessions.
    let pool: PostgresPool
    let hasher: PasswordHasher
    /// What batches go by; told when a session ends.
    let sessions: SessionCache
    let tries: RefusedTries
    /// The bank's four letters.
    let bank: String
    let logger: Logger
    private let throttle: Mutex<LoginThrottle>

    init(
        pool: PostgresPool, hasher: PasswordHasher, sessions: SessionCache, tries: RefusedTries,
        bank: String, logger: Logger, throttle: LoginThrottle = LoginThrottle()
    ) {
        self.pool = pool
        self.hasher = hasher
        self.sessions = sessions
        self.tries = tries
        self.bank = bank
        self.logger = logger
        self.throttle = Mutex(throttle)
    }

    /// Answers a call; what is refused is an answer, too.
    func answer<Message: Sendable, Reply: IdentityReply>(
        _ request: ServerRequest<Message>, _ context: ServerContext,
        _ body: (Message, Deadline) async throws -> Reply
    ) async throws -> ServerResponse<Reply> {
        let call = ServedCall(request.metadata, method: context.descriptor.method)
        try call.refuseExpired(logger: logger)
        let start = ContinuousClock.now
        let reply = try await call.answering(logger: logger) {
            do {
                return try await body(request.message, call.deadline)
            } catch let refused as Refused {
                return Reply(refused)
            }
        }
        guard call.isSampled else { return ServerResponse(message: reply) }
        let timing = call.timing(
            detail: "identity", databaseTime: start.duration(to: .now),
            statement: "SELECT ... FROM identity.people, identity.sessions")
        return ServerResponse(message: reply, trailingMetadata: Metadata(timing))
    }

    /// Checks a password, for which a try was taken.
    ///
    /// - Parameter hash: Nil: there is no such person.
    /// - Throws: `BatcherError.overloaded`, and the try is given back.
    func isRight(
        _ password: String, _ hash: String?, of user: String, from origin: Origin
    ) async throws -> Bool {
        do {
            return try await hasher.isMatch(Secret(password), hash)
        } catch BatcherError.overloaded {
            throttle.withLock { $0.giveBack(user: user, source: origin.network) }
            throw BatcherError.overloaded
        }
    }

    /// - Throws: ``Refused`` when this try has to wait.
    func takeTry(_ user: String, from origin: Origin) throws(Refused) {
        let wait = throttle.withLock {
            $0.take(user: user, source: origin.network, at: .now)
        }
        guard let wait else { return }
        throw Refused(.tooManyTries, "Too many tries: wait, then try again.", wait: wait)
    }

    func noteSuccess(_ user: String, from origin: Origin) {
        throttle.withLock { $0.succeed(user: user, source: origin.network) }
    }
}
