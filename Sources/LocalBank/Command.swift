internal import Subprocess

#if canImport(System)
internal import System
#else
internal import SystemPackage
#endif

/// A short command whose output is collected, bounded in time and size.
struct Command: Sendable {
    struct Outcome: Sendable {
        let exit: ChildExit
        /// Standard output and standard error, as they came.
        let output: String

        var succeeded: Bool { exit == .exited(0) }

        /// The last lines that are not empty.
        func lastLines(_ count: Int) -> [String] {
            let lines = output.split(whereSeparator: \.isNewline).map(String.init)
            return Array(lines.filter { !$0.trimmed.isEmpty }.suffix(count))
        }
    }

    let executable: String
    var arguments: [String] = []
    /// All of its variables.
    var environment: Variables = [:]
    var user: SystemUser?
    var timeout: Duration

    private static let outputLimitBytes = 256 * 1024

    /// Runs it to its end. Cancellation and the bound end it with SIGTERM, after 2 s with SIGKILL.
    ///
    /// - Throws: `LocalBankError` when it cannot be run or does not end; `CancellationError`.
    func run() async throws -> Outcome {
        try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask { try await collect() }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            try Task.checkCancellation()
            guard let outcome = first else {
                throw failure("did not end within \(timeout.components.seconds) s")
            }
            return outcome
        }
    }

    private func collect() async throws -> Outcome {
        var options = PlatformOptions()
        // No terminal: Ctrl-C is for the command that runs this one, which then ends it in order.
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        do {
            let result = try await Subprocess.run(
                .path(FilePath(words[0])), arguments: Arguments(Array(words.dropFirst())),
                environment: .custom(environment.entries),
                // The current folder may be one that the other user cannot enter.
                workingDirectory: FilePath("/"), platformOptions: options,
                output: .string(limit: Self.outputLimitBytes), error: .combinedWithOutput)
            let exit: ChildExit =
                switch result.terminationStatus {
                case .exited(let code): .exited(code)
                case .signaled(let number): .signaled(number)
                }
            return Outcome(exit: exit, output: result.standardOutput)
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw failure(
                error.code == .outputLimitExceeded ? "printed too much" : "cannot be run: \(error)")
        }
    }

    /// The executable and its arguments; as another user, by way of setpriv(1).
    private var words: [String] {
        guard let user, user != .current else { return [executable] + arguments }
        return user.change() + [executable] + arguments
    }

    private func failure(_ what: String) -> LocalBankError {
        LocalBankError(.commandFailed, "\(executable) \(what)")
    }
}
