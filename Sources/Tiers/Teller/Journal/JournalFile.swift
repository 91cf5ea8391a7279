#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The journal as a file. The calls block.
enum JournalFile {
    /// Appends lines in one write, all of them or none.
    ///
    /// - Parameters:
    ///   - bytes: whole lines.
    ///   - isDurable: whether to return only when the disk has them.
    /// - Returns: `false` when another process is appending, and nothing was done.
    static func append(
        _ bytes: [UInt8], to path: String, isDurable: Bool
    ) throws(JournalFailure) -> Bool {
        let folder = try makeFolder(of: path)
        // Without O_NONBLOCK, opening a FIFO would wait for a reader.
        let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let file = try check(open(path, flags, 0o600))
        defer { close(file) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw .system(errno) }
            return false
        }
        defer { flock(file, LOCK_UN) }
        let size = try size(of: file)
        let text = try endsInALine(file, size) ? bytes : [UInt8(ascii: "\n")] + bytes
        if size == 0 {
            // Before the first line, so that whoever finds a line knows that its file's name lasts.
            try syncFolder(folder)
            try syncFolder(parent(of: folder))
        }
        do throws(JournalFailure) {
            try write(text, to: file)
            if isDurable { try sync(file) }
        } catch {
            // Part of a line, or one that is not sure to last, would be an intent never sent.
            guard ftruncate(file, size) == 0 else { throw .leftOver(errno) }
            throw error
        }
        return true
    }

    /// Makes the missing folders, for this user only, and has the disk know their names.
    static func makeFolder(of path: String) throws(JournalFailure) -> String {
        let folder = parent(of: path)
        var missing: [String] = []
        var next = folder
        while next != "/", access(next, F_OK) != 0, errno == ENOENT {
            missing.append(next)
            next = parent(of: next)
        }
        for folder in missing.reversed() {
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .system(errno) }
            try syncFolder(parent(of: folder))
        }
        return folder
    }

    static func parent(of path: String) -> String {
        guard let slash = path.unicodeScalars.lastIndex(of: "/"), slash != path.startIndex else {
            return "/"
        }
        return String(path[..<slash])
    }

    /// - Throws: ``JournalFailure/notAFile`` for what has none.
    static func size(of file: Int32) throws(JournalFailure) -> off_t {
        var info = stat()
        try check(fstat(file, &info))
        guard info.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        return info.st_size
    }

    /// Whether nothing is left of a line whose writer was stopped in the middle.
    private static func endsInALine(
        _ file: Int32, _ size: off_t
    ) throws(JournalFailure) -> Bool {
        guard size > 0 else { return true }
        var last: UInt8 = 0
        let count = pread(file, &last, 1, size - 1)
        guard count == 1 else { throw .system(count < 0 ? errno : EIO) }
        return last == UInt8(ascii: "\n")
    }

    private static func write(_ bytes: [UInt8], to file: Int32) throws(JournalFailure) {
        do throws(SystemError) {
            try DescriptorIO.write(bytes, to: file)
        } catch {
            throw .system(error.number)
        }
    }

    static func sync(_ file: Int32) throws(JournalFailure) {
        #if canImport(Darwin)
        // fsync(2) of Darwin leaves it in the drive's cache.
        if fcntl(file, F_FULLFSYNC) == 0 { return }
        #endif
        try check(fsync(file))
    }

    private static func syncFolder(_ path: String) throws(JournalFailure) {
        let folder = try check(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        defer { close(folder) }
        try check(fsync(folder))
    }

    @discardableResult
    static func check(_ result: Int32) throws(JournalFailure) -> Int32 {
        guard result >= 0 else { throw .system(errno) }
        return result
    }
}
