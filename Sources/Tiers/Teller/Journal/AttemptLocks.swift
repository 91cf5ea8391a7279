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
    /// Writes intents down and asks for them; until `body` ends no other teller settles them.
    ///
    /// - Throws: what `body` throws; when the journal does not have the intents: nothing may be sent then.
    func whileUnderWay<Value>(
        _ intents: [JournalIntent], _ body: () async throws(TellerError) -> Value
    ) async throws(TellerError) -> Value {
        let attempts = intents.map(\.attempt)
        let locks: AttemptLocks
        do throws(JournalFailure) {
            locks = try await lock(attempts)
        } catch {
            throw TellerError(nothingSent: error, path)
        }
        defer { locks.release() }
        guard locks.held.count == attempts.count else {
            throw TellerError(nothingSent: .locked, path)
        }
        try await append(intents)
        return try await body()
    }

    /// Finds what is pending; until `body` ends no other teller settles that, but for what one had under
    /// way before.
    ///
    /// - Parameter body: gets what is pending, and the lines that could not be read.
    func whileSettling<Value>(
        _ body: ([PendingWrites.Write], [JournalDamage]) async throws -> Value
    ) async throws -> Value {
        let (found, damage) = try await pending()
        guard !found.isEmpty else { return try await body(found, damage) }
        let locks: AttemptLocks
        do throws(JournalFailure) {
            locks = try await lock(found.flatMap(\.attempts))
        } catch {
            throw TellerError(
                error.status, "nothing was sent: the journal \(path) \(error.message)",
                advice: error.advice)
        }
        defer { locks.release() }
        // Whoever had it under way may have ended, and noted the outcome, before it was locked.
        var (writes, damageNow) = try await pending()
        for index in writes.indices {
            writes[index].isUnderWay = !writes[index].attempts.isSubset(of: locks.held)
        }
        return try await body(writes, damageNow)
    }

    private func lock(_ attempts: [Identifier]) async throws(JournalFailure) -> AttemptLocks {
        try await run { [path] () throws(JournalFailure) in
            try AttemptLocks(attempts, of: path, in: path + ".lock")
        }
    }
}
