internal import Subprocess

#if canImport(System)
internal import System
#else
internal import SystemPackage
#endif

/// A program, what it is given, and whom it runs as.
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

    let program: String
    var arguments: [String] = []
    /// All of its variables. Secrets belong here: arguments can be read by every user.
    var variables: Variables = [:]
    /// Nil: the user of this process.
    var user: ProcessUser?
    /// It may listen on a port below 1024 whoever its user is.
    var needsPrivilegedPort = false

    private static let outputLimitBytes = 256 * 1024

    /// The program and its arguments; as another user, by way of setpriv(1).
    var words: [String] {
        user?.words(program, arguments, privilegedPort: needsPrivilegedPort)
            ?? [program] + arguments
    }

    /// Runs it to its end and collects its output, bounded in time and size. Cancellation and the bound
    /// end it with SIGTERM, after 2 s with SIGKILL.
    ///
    /// - Throws: `LocalBankError` when it cannot be run or does not end; `CancellationError`.
    func run(within bound: Duration) async throws -> Outcome {
        try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask { try await collect() }
            group.addTask {
                try await Task.sleep(for: bound)
                return nil
            }
            defer { group.cancelAll() }
            let first = try await group.next()
            try Task.checkCancellation()
            guard let outcome = first ?? nil else {
                throw failure("did not end within \(bound.components.seconds) s")
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
                environment: .custom(variables.entries),
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

    private func failure(_ what: String) -> LocalBankError {
        LocalBankError(.commandFailed, "\(program) \(what)")
    }
}
