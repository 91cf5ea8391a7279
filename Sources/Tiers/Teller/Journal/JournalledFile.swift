import Ledger
import Synchronization

/// That a file of transfers is done, with ids that count up from a base: written down before any of it
/// is sent, so that the same file again, at the same ledger, does nothing twice.
struct JournalledFile: Sendable, Hashable, Codable {
    /// Of the file's bytes, in hexadecimal.
    var sha256: String
    /// The only ledger that it is meant for.
    var ledger: Identifier
    var base: Identifier
    /// When it was begun, by this machine's clock.
    var time: Timestamp
}

extension Journal {
    /// The last run of a file at a ledger; `nil` when there was none.
    ///
    /// - Parameter isCertain: Whether to throw when there is none and a line that may say so is damaged.
    func lastRun(
        of sha256: String, at ledger: Identifier, isCertain: Bool
    ) async throws(TellerError) -> JournalledFile? {
        let last = Mutex<JournalledFile?>(nil)
        let damage = try await read(only: #"{"file":"#) { entry in
            guard case .file(let file) = entry, file.sha256 == sha256, file.ledger == ledger else {
                return
            }
            last.withLock { $0 = file }
        }
        let run = last.withLock { $0 }
        // Of one that breaks off nothing was sent.
        if run == nil, isCertain { try checkWhole(damage.filter { !$0.isUnfinished }) }
        return run
    }

    /// Does a file; until `body` ends no other teller of this user does the same file at that ledger.
    ///
    /// - Throws: what `body` throws; when another teller does it, or the journal cannot be used.
    func whileDoing<Value>(
        _ sha256: String, at ledger: Identifier, _ body: () async throws -> Value
    ) async throws -> Value {
        let locks: AttemptLocks
        do throws(JournalFailure) {
            let place = Identifier(
                high: 0, low: (UInt64(sha256.prefix(16), radix: 16) ?? 0) ^ ledger.low)
            // Apart from the tries' own: a process has no more than one lock of a file.
            locks = try await lock([place], in: ".files")
        } catch {
            throw TellerError(nothingSent: error, self)
        }
        defer { locks.release() }
        guard !locks.held.isEmpty else {
            throw TellerError(
                .temporaryFailure, "another teller is doing this file just now",
                advice: "nothing was sent; try again when it has ended")
        }
        return try await body()
    }
}
