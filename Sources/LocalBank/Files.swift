#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Small files, read and written whole. All descriptors close on exec.
enum Files {
    struct Failure: Error {
        let number: Int32
        var message: String { Host.message(number) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isExecutable(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    /// The names in a folder; none when it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        return names(from: stream)
    }

    /// The names in a folder that is open; it stays open.
    static func names(in folder: Int32) -> [String] {
        let own = fcntl(folder, F_DUPFD_CLOEXEC, 0)
        guard own >= 0 else { return [] }
        guard let stream = fdopendir(own) else {
            close(own)
            return []
        }
        defer { closedir(stream) }
        return names(from: stream)
    }

    #if canImport(Darwin)
    private typealias Stream = UnsafeMutablePointer<DIR>
    #else
    private typealias Stream = OpaquePointer
    #endif

    private static func names(from stream: Stream) -> [String] {
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                // d_name ends with a zero within the entry.
                $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The file's first bytes, or nil when it cannot be opened.
    static func read(_ path: String, limit: Int = 1 << 20) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return readAll(file, limit: limit)
    }

    static func readText(_ path: String, limit: Int = 1 << 20) -> String? {
        read(path, limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    static func readAll(_ file: Int32, limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit, 64 * 1024))
        while bytes.count < limit {
            let count = chunk.withUnsafeMutableBytes {
                #if canImport(Darwin)
                Darwin.read(file, $0.baseAddress, min($0.count, limit - bytes.count))
                #elseif canImport(Glibc)
                Glibc.read(file, $0.baseAddress, min($0.count, limit - bytes.count))
                #else
                Musl.read(file, $0.baseAddress, min($0.count, limit - bytes.count))
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// Replaces a file by rename, so that a reader sees the old or the new text, never a part.
    static func replace(
        _ path: String, with bytes: [UInt8], mode: mode_t, owner: SystemUser? = nil
    ) throws(Failure) {
        let temporary = "\(path).new"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw Failure(number: errno) }
        defer { close(file) }
        do throws(Failure) {
            try write(bytes, to: file)
            if let owner, fchown(file, owner.userID, owner.groupID) != 0 {
                throw Failure(number: errno)
            }
            guard fsync(file) == 0, rename(temporary, path) == 0 else {
                throw Failure(number: errno)
            }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func write(_ bytes: [UInt8], to file: Int32) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                #if canImport(Darwin)
                Darwin.write(file, $0.baseAddress, $0.count)
                #elseif canImport(Glibc)
                Glibc.write(file, $0.baseAddress, $0.count)
                #else
                Musl.write(file, $0.baseAddress, $0.count)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(number: errno) }
            sent += count
        }
    }
}
