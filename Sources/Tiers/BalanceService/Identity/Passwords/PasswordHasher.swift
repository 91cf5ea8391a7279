import Chain
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Hashes and checks passwords on a thread of its own, one at a time: each takes a core for long and 46 MiB.
final class PasswordHasher: Service {
    /// Of a password that nobody has: checked where there is no person, so that it takes as long.
    static let nobodys =
        "$argon2id$v=19$m=47104,t=1,p=1$AN6448vZEhfuSmxkdJrkSA$SQcvhJbIZqzxWQbrAQcLzaAzAHjsXqdS2Ccxnqqptvw"

    /// How many may wait, with the one that is at work.
    private let limit: Int
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let waiting = Atomic(0)
    private let checked = Atomic(0)
    private let argon2 = Argon2()

    /// It runs until ``run()`` ends.
    init(limit: Int = 8) {
        self.limit = limit
        thread.start()
    }

    /// How many passwords were checked.
    var checks: Int { checked.load(ordering: .relaxed) }

    /// - Throws: `BatcherError.overloaded`; `Argon2.Failure`.
    func hash(_ password: Secret) async throws -> String {
        try await queued { [argon2] in try argon2.hash(password) }
    }

    /// - Parameter hash: Nil: there is no such person, and nothing matches, in the same time.
    /// - Throws: `BatcherError.overloaded`; `Argon2.Failure`.
    func isMatch(_ password: Secret, _ hash: String?) async throws -> Bool {
        let isMatch = try await queued { [argon2] in
            try argon2.isMatch(password, hash ?? Self.nobodys)
        }
        checked.wrappingAdd(1, ordering: .relaxed)
        return isMatch && hash != nil
    }

    private func queued<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            throw BatcherError.overloaded
        }
        return try await thread.runIfActive(work)
    }

    func run() async throws {
        try? await gracefulShutdown()
        try await thread.shutdownGracefully()
    }
}
