import BankAPI
import NIOPosix

/// What this client requested of banks, and the outcomes: a file of JSON lines that is only
/// appended to.
///
/// An intent is on the disk before its request is sent. An outcome that is the ledger's last word
/// need not be: without it the bank is asked again under the same id, and answers the same. That
/// nothing was done must be: without it 'teller resume' would do what the person may since have
/// asked for under another id.
struct Journal: Sendable {
    /// The longest that another teller's append is waited for.
    static let longestWait: Duration = .seconds(5)

    let path: String

    /// Writes down what is about to be asked, and returns when the disk has all of it.
    ///
    /// - Throws: when the journal does not have it: nothing may be sent then.
    func append(_ intents: [JournalIntent]) async throws(TellerError) {
        do throws(JournalFailure) {
            try await append(intents.map { .intent($0) }, isDurable: true)
        } catch .leftOver(let number) {
            throw TellerError(
                .outcomeUnknown,
                "UNKNOWN: nothing was sent, but 'teller resume' may do it: the journal \(path) "
                    + JournalFailure.leftOver(number).message,
                advice: "settle it with 'teller resume', and do not ask anew")
        } catch {
            throw TellerError(nothingSent: error, path)
        }
    }

    /// Writes down that a file is about to be done, and returns when the disk has it.
    ///
    /// - Throws: when the journal does not have it: nothing may be sent then.
    func append(_ file: JournalledFile) async throws(TellerError) {
        do throws(JournalFailure) {
            try await append([.file(file)], isDurable: true)
        } catch {
            throw TellerError(nothingSent: error, path)
        }
    }

    /// Writes down the outcomes of intents.
    ///
    /// - Throws: when the journal has none of it: the intents stay pending.
    func append(_ outcomes: [JournalOutcome]) async throws(TellerError) {
        do throws(JournalFailure) {
            try await append(
                outcomes.map { .outcome($0) },
                isDurable: outcomes.contains {
                    $0.result == .nothingDone || $0.result == .abandoned
                })
        } catch {
            throw TellerError(
                error.status, "the outcome is not in the journal: \(path) \(error.message)",
                advice: "'teller resume' sends it again, which is safe")
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
        _ = try await whenFree { [bytes, path] () throws(JournalFailure) in
            try JournalFile.append(bytes, to: path, isDurable: isDurable) ? true : nil
        }
    }

    /// Passes on all that the journal has, from its first line on; nothing when there is none.
    ///
    /// - Parameter beginning: passes over the lines that begin otherwise.
    /// - Returns: the lines that could not be read.
    func read(
        only beginning: String = "", _ body: @escaping @Sendable (JournalEntry) -> Void
    ) async throws(TellerError) -> [JournalDamage] {
        do throws(JournalFailure) {
            return try await whenFree { [path] () throws(JournalFailure) in
                try JournalReader.read(path, only: beginning, body)
            }
        } catch {
            throw TellerError(
                error.status, "the journal \(path) \(error.message)", advice: error.advice)
        }
    }

    /// Does what returns `nil` while another teller holds the journal, once none does.
    private func whenFree<Value: Sendable>(
        _ work: @escaping @Sendable () throws(JournalFailure) -> Value?
    ) async throws(JournalFailure) -> Value {
        let end = ContinuousClock.now + Self.longestWait
        while true {
            if let value = try await run(work) { return value }
            guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(5))) != nil
            else { throw .locked }
        }
    }

    /// File operations block, so they run on threads of their own.
    func run<Value: Sendable>(
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

extension TellerError {
    /// - Parameter journal: its path.
    init(nothingSent failure: JournalFailure, _ journal: String) {
        self.init(
            failure.status, "nothing was sent: the journal \(journal) \(failure.message)",
            advice: failure.advice)
    }
}
