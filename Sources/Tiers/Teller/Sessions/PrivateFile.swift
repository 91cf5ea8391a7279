#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A small file that only its owner can read. The calls block.
enum PrivateFile {
    /// In bytes.
    static let largest = 1 << 20

    struct Lock {
        fileprivate let folder: Int32

        func release() { close(folder) }
    }

    /// - Returns: `nil` when there is none.
    /// - Throws: also when somebody else could have read or written it.
    static func read(_ path: String) throws(PrivateFileError) -> [UInt8]? {
        // Without O_NONBLOCK, opening a FIFO would wait for a writer.
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw errno == ELOOP ? .notAFile : .system(errno)
        }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0 else { throw .system(errno) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        guard info.st_uid == geteuid() else { throw .ofAnother }
        guard info.st_mode & 0o077 == 0 else { throw .open }
        try checkFolder(of: path)
        guard info.st_size <= largest else { throw .tooLarge }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try checked { () throws(SystemError) in
                try DescriptorIO.read(file, into: &chunk)
            }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= largest else { throw .tooLarge }
        }
    }

    /// Makes the file's folder, for this user only, and keeps others who lock it from it.
    static func lockFolder(of path: String) throws(PrivateFileError) -> Lock {
        let name: String
        do throws(JournalFailure) {
            name = try JournalFile.makeFolder(of: path)
        } catch {
            guard case .system(let number) = error else { throw .notAFile }
            throw .system(number)
        }
        try checkFolder(of: path)
        let folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .system(errno) }
        while flock(folder, LOCK_EX) != 0 {
            guard errno == EINTR else {
                close(folder)
                throw .system(errno)
            }
        }
        return Lock(folder: folder)
    }

    /// Puts a file in its place whole, or not at all. Its folder is locked.
    static func replace(_ path: String, with bytes: [UInt8]) throws(PrivateFileError) {
        let beside = "\(path).new"
        // Of one that was killed in the middle.
        unlink(beside)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = open(beside, flags, 0o600)
        guard file >= 0 else { throw .system(errno) }
        defer { close(file) }
        do throws(PrivateFileError) {
            try checked { () throws(SystemError) in try DescriptorIO.write(bytes, to: file) }
            guard fsync(file) == 0, rename(beside, path) == 0 else { throw .system(errno) }
        } catch {
            unlink(beside)
            throw error
        }
    }

    /// Where others may write, they could put a file of theirs in the place of this one.
    private static func checkFolder(of path: String) throws(PrivateFileError) {
        var info = stat()
        guard stat(JournalFile.parent(of: path), &info) == 0 else { throw .system(errno) }
        guard info.st_mode & 0o022 == 0, [0, geteuid()].contains(info.st_uid) else {
            throw .openFolder
        }
    }

    private static func checked<Value>(
        _ body: () throws(SystemError) -> Value
    ) throws(PrivateFileError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw .system(error.number)
        }
    }
}

/// Why a private file was not used.
enum PrivateFileError: Error, Sendable, Hashable {
    case system(Int32)
    case notAFile
    case ofAnother
    /// Others can read or write it.
    case open
    /// Others can write to its folder.
    case openFolder
    case tooLarge

    /// Whether it is there, and not used for what it is.
    var isOfUse: Bool { if case .system = self { false } else { true } }

    /// Follows on the file's path.
    var message: String {
        switch self {
        case .system(let number): "cannot be used: \(String(cString: strerror(number)))"
        case .notAFile: "is not a file"
        case .ofAnother: "belongs to another user"
        case .open: "can be read by others"
        case .openFolder: "is in a folder that others can write to"
        case .tooLarge: "is larger than \(PrivateFile.largest >> 20) MB"
        }
    }

    func advice(_ path: String) -> String {
        switch self {
        case .open: "make it yours alone with 'chmod 600 \(path)'; sign out where others read it"
        case .openFolder: "make it yours alone with 'chmod 700 \(JournalFile.parent(of: path))'"
        default: "delete it, and sign in again"
        }
    }
}
