import Ledger

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Tells every teller of this user which tries are under way: the intent of a try says that it was
/// made, not that whoever made it is still there.
///
/// Each try locks a byte of a file beside the journal, whose place is the try's random bits, with
/// F_SETLK (fcntl(2)): the lock ends with its process, however that ends. A process has no more than one
/// of these at a time, since the end of one would end the locks of all. The file itself stays empty.
struct AttemptLocks: Sendable {
    private let file: Int32
    /// The tries that nobody else has under way; others are left to those who have.
    let held: Set<Identifier>

    /// - Parameters:
    ///   - journal: the path of the journal.
    ///   - path: the file whose bytes are locked.
    init(
        _ attempts: some Sequence<Identifier>, of journal: String, in path: String
    ) throws(JournalFailure) {
        _ = try JournalFile.makeFolder(of: journal)
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let file = try JournalFile.check(open(path, flags, 0o600))
        do throws(JournalFailure) {
            _ = try JournalFile.size(of: file)
            var held: Set<Identifier> = []
            for attempt in attempts where try Self.lock(file, attempt) { held.insert(attempt) }
            self.held = held
        } catch {
            close(file)
            throw error
        }
        self.file = file
    }

    func release() { close(file) }

    private static func lock(_ file: Int32, _ attempt: Identifier) throws(JournalFailure) -> Bool {
        let place = attempt.bytes.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = off_t(place & 0x3fff_ffff_ffff_ffff)
        lock.l_len = 1
        guard fcntl(file, F_SETLK, &lock) != 0 else { return true }
        guard errno == EAGAIN || errno == EACCES else { throw .system(errno) }
        return false
    }
}

extension Journal {
    /// Locks tries, but for those that another teller has under way.
    ///
    /// - Parameter place: the end of the path of the file whose bytes are locked.
    func lock(
        _ attempts: [Identifier], in place: String = ".lock"
    ) async throws(JournalFailure) -> AttemptLocks {
        try await run { [path] () throws(JournalFailure) in
            try AttemptLocks(attempts, of: path, in: path + place)
        }
    }
}
