import BankAPI
import NIOPosix

/// What this client requested of banks, and the outcomes: a file of JSON lines that is only
/// appended to.
///
/// An intent is on the disk before its request is sent; which outcomes are as well, ``JournalEntry`` says.
struct Journal: Sendable {
    /// The longest that another teller's append is waited for.
    static let longestWait: Duration = .seconds(5)

    let path: String

    /// Appends lines, all of them or none, and returns when the disk has those that must last.
    func append(_ entries: [JournalEntry]) async throws(JournalFailure) {
        guard !entries.isEmpty else { return }
        var bytes: [UInt8] = []
        for entry in entries {
            guard let line = try? BankJSON.encode(entry) else { throw .unwritable }
            bytes += line + [UInt8(ascii: "\n")]
        }
        let isDurable = entries.contains(where: \.mustLast)
        _ = try await whenFree { [bytes, path] () throws(JournalFailure) in
            try JournalFile.append(bytes, to: path, isDurable: isDurable) ? true : nil
        }
    }

    /// Passes on all that the journal has, from its first line on; nothing when there is no journal.
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

    /// Does what comes before anything is sent.
    func beforeSending<Value>(
        _ work: (Journal) async throws(JournalFailure) -> Value
    ) async throws(TellerError) -> Value {
        do throws(JournalFailure) {
            return try await work(self)
        } catch {
            throw TellerError(nothingSent: error, self)
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
    init(nothingSent failure: JournalFailure, _ journal: Journal) {
        self.init(
            failure.status, "nothing was sent: the journal \(journal.path) \(failure.message)",
            advice: failure.advice)
    }

    init(outcomeNotIn journal: Journal, _ failure: JournalFailure) {
        self.init(
            failure.status, "the outcome is not in the journal: \(journal.path) \(failure.message)",
            advice: "'teller resume' sends it again, which is safe")
    }
}
