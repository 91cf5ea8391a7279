#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Keeps two `up` or `down` from working on one home at once.
///
/// The kernel drops the lock when the process ends in whatever way, so it is never stale.
struct BankLock: ~Copyable {
    private let file: Int32

    init(_ home: BankHome) throws(LocalBankError) {
        // Closed on exec: a server that kept the descriptor would keep the lock.
        let file = try home.writing(home.path) {
            try Files.open(home.lockFile, O_RDWR | O_CREAT, mode: 0o600)
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let failure = Files.Failure()
            let holder = String(decoding: Files.bytes(of: file, limit: 32), as: UTF8.self)
            close(file)
            guard failure.number == EWOULDBLOCK else {
                throw home.unusable(home.lockFile, failure)
            }
            throw LocalBankError(
                .locked,
                "another 'teller up' or 'teller down' is at work in \(home.path)"
                    + (Int(holder).map { " (pid \($0))" } ?? ""),
                advice: "try again when it has ended")
        }
        self.file = file
        let text = Array(String(getpid()).utf8)
        ftruncate(file, 0)
        _ = pwrite(file, text, text.count, 0)
    }

    deinit {
        // Closing alone would leave the lock with a child that is between fork and exec.
        flock(file, LOCK_UN)
        close(file)
    }
}
