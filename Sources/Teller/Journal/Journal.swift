import BankAPI
import NIOPosix

/// What this client asked of banks and what it learned came of it: a file of JSON lines that is only
/// appended to.
///
/// An intent is on the disk before its request is sent. An outcome need not be: without it the
/// bank is asked again under the same id, and answers the same.
struct Journal: Sendable {
    /// The longest that another teller's append is waited for.
    static let longestWait: Duration = .seconds(5)

    let path: String

    /// Writes down what is about to be asked, and returns when the disk has all of it.
    ///
    /// - Throws: when the journal has none of it: nothing may be sent then.
    func append(_ intents: [JournalIntent]) async throws(TellerError) {
        do throws(JournalFailure) {
            try await append(intents.map { .intent($0) }, isDurable: true)
        } catch {
            throw TellerError(
                error.status, "nothing was sent: the journal \(path) \(error.message)",
                advice: error.advice)
        }
    }

    /// Writes down what came of intents.
    ///
    /// - Throws: when the journal has none of it: the intents stay pending.
    func append(_ outcomes: [JournalOutcome]) async throws(TellerError) {
        do throws(JournalFailure) {
            try await append(outcomes.map { .outcome($0) }, isDurable: false)
        } catch {
            throw TellerError(
                error.status, "the outcome is not in the journal: \(path) \(error.message)",
                advice: "'teller resume' asks for it again, which is safe")
        }
    }

    private func append(
        _ entries: [JournalEntry], isDurable: Bool
    ) async throws(JournalFailure) {
        guard !entries.isEmpty else { return }
        var bytes: [UInt8] = []
        for entry in entries {
            guard let line = try? BankJSON.encode(entry) else { throw .unwritable }
            bytes += line + [UInt8(ascii: "\n")]
        }
        let end = ContinuousClock.now + Self.longestWait
        while try await !run({ [bytes, path] () throws(JournalFailure) in
            try JournalFile.append(bytes, to: path, isDurable: isDurable)
        }) {
            guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(5))) != nil
            else { throw .locked }
        }
    }

    /// Passes on all that the journal has, from its first line on; nothing when there is none.
    ///
    /// - Returns: the lines that could not be read.
    func read(
        _ body: @escaping @Sendable (JournalEntry) -> Void
    ) async throws(TellerError) -> [JournalDamage] {
        do throws(JournalFailure) {
            return try await run { [path] () throws(JournalFailure) in
                try JournalReader.read(path, body)
            }
        } catch {
            throw TellerError(
                error.status, "the journal \(path) \(error.message)", advice: error.advice)
        }
    }

    /// File operations block, so they run on threads of their own.
    private func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(JournalFailure) -> Value
    ) async throws(JournalFailure) -> Value {
        do {
            return try await NIOThreadPool.singleton.runIfActive(work)
        } catch let failure as JournalFailure {
            throw failure
        } catch {
            throw .locked
        }
    }
}
