#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// How the two server tiers are started and asked, by the contract that both keep.
struct TierProcess: Sendable {
    let part: Part
    let executable: String
    let arguments: [String]
    let environment: Variables
    /// Nil: the user of this process.
    var user: TierUser?
    var needsPrivilegedPort = false
    let home: BankHome
    let readyTimeout: Duration

    var logPath: String { home.logFile(of: part) }
    private var readyFile: String { home.readyFile(of: part) }

    /// Starts it; it is not ready yet.
    func spawn() throws(LocalBankError) -> BankState.Process {
        try? Folders.removeAll(readyFile)
        LogTail.rotateIfLarge(logPath)
        let arguments = arguments + ["--ready-file", readyFile]
        let words =
            user?.words(executable, arguments, privilegedPort: needsPrivilegedPort)
            ?? [executable] + arguments
        let spawner = Spawner(
            executable: words[0], arguments: Array(words.dropFirst()), environment: environment,
            logPath: logPath)
        do throws(LocalBankError) {
            let identity = try spawner.spawn()
            return BankState.Process(
                part: part, identity: identity, address: nil, logPath: logPath,
                startedAtSeconds: Host.unixTimeSeconds)
        } catch {
            throw error.about(part)
        }
    }

    /// Waits until it has said where it listens and its health check agrees.
    ///
    /// - Parameter logStart: where in its log its own lines begin.
    /// - Returns: `host:port`.
    /// - Throws: `LocalBankError.Code.diedAtStart`, `.notReady`; `CancellationError`.
    func waitUntilReady(_ process: BankState.Process, logStart: Int) async throws -> String {
        let deadline = ContinuousClock.now + readyTimeout
        var address = process.address
        while ContinuousClock.now < deadline {
            if let exit = ChildExit(reaping: process.identity.pid) {
                throw died("\(exit)", logStart)
            }
            if address == nil { address = Self.address(inReadyFile: readyFile) }
            if let address, try await isHealthy(address) { return address }
            guard process.identity.isAlive else { throw died("it is gone", logStart) }
            try await Task.sleep(for: .milliseconds(address == nil ? 10 : 50))
        }
        let limit = readyTimeout.components.seconds
        let what = address == nil ? "does not listen" : "listens but is not ready"
        throw LocalBankError(
            .notReady, "\(part) \(what) after \(limit) s", advice: "see the last lines of its log",
            part: part, logTail: LogTail.lines(logPath, count: 10, after: logStart),
            logPath: logPath)
    }

    /// Asks its own `health` command.
    func isHealthy(_ address: String) async throws -> Bool {
        do {
            let outcome = try await Command(
                executable: executable, arguments: ["health", "--server", address],
                environment: environment, timeout: .seconds(3)
            ).run()
            return outcome.succeeded
        } catch is LocalBankError {
            return false
        }
    }

    /// - Returns: nil until the file holds a whole line.
    static func address(inReadyFile path: String) -> String? {
        // Of another user, when root runs this: no link of theirs is followed, nor a pipe waited for.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let bytes = Files.readAll(file, limit: 256)
        guard bytes.last == UInt8(ascii: "\n") else { return nil }
        return String(decoding: bytes, as: UTF8.self).trimmed
    }

    private func died(_ how: String, _ logStart: Int) -> LocalBankError {
        let lines = LogTail.lines(logPath, count: 10, after: logStart)
        // It was free when it was looked at.
        let taken = " is in use by another process"
        if part.tier == .bankServer, let end = lines.last?.range(ofText: taken)?.upperBound,
            let line = lines.last
        {
            return LocalBankError(
                .portInUse, String(line[..<end]),
                advice: "choose another with --port, or 0 for any free one", part: part,
                logTail: lines, logPath: logPath)
        }
        return LocalBankError(
            .diedAtStart, "\(part) ended while it started (\(how))",
            advice: "see the last lines of its log", part: part, logTail: lines, logPath: logPath)
    }
}

extension LocalBankError {
    func about(_ part: Part) -> LocalBankError {
        var error = self
        error.part = part
        return error
    }

    func scrubbed(_ address: DatabaseAddress?) -> LocalBankError {
        guard let address else { return self }
        var error = self
        error.message = address.scrub(message)
        error.logTail = logTail.map(address.scrub)
        return error
    }
}
