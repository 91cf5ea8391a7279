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
    /// Who did it, as ``JournalIntent/user``.
    var user: String?
}

extension Journal {
    /// The runs of a file, the last one at the end, and the lines that could not be read and may say more.
    func runs(
        of sha256: String
    ) async throws(TellerError) -> ([JournalledFile], damage: [JournalDamage]) {
        let runs = Mutex<[JournalledFile]>([])
        let damage = try await read(only: #"{"file":"#) { entry in
            guard case .file(let file) = entry, file.sha256 == sha256 else { return }
            runs.withLock { $0.append(file) }
        }
        return (runs.withLock { $0 }, damage)
    }
}
