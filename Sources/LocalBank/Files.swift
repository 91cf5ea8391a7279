#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Small files, read and written whole. All descriptors close on exec.
enum Files {
    /// Why a call to the system failed.
    struct Failure: Error, CustomStringConvertible {
        var number = errno
        var description: String { Host.message(number) }
    }

    /// - Returns: the result of a call, which is negative when it failed.
    @discardableResult
    static func check(_ result: Int32) throws(Failure) -> Int32 {
        guard result >= 0 else { throw Failure() }
        return result
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isExecutable(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    /// 0 when there is none.
    static func sizeBytes(_ path: String) -> Int {
        var info = stat()
        return stat(path, &info) == 0 ? Int(info.st_size) : 0
    }

    static func open(
        _ path: String, _ flags: Int32, mode: mode_t = 0, in folder: Int32 = AT_FDCWD
    ) throws(Failure) -> Int32 {
        try check(openat(folder, path, flags | O_CLOEXEC, mode))
    }

    /// The names in a folder; none when it cannot be read.
    static func names(in path: String) -> [String] {
        guard let folder = try? open(path, O_RDONLY | O_DIRECTORY) else { return [] }
        defer { close(folder) }
        return names(in: folder)
    }

    /// The names in a folder that is open; it stays open.
    static func names(in folder: Int32) -> [String] {
        guard let own = try? open(".", O_RDONLY | O_DIRECTORY, in: folder),
            let stream = fdopendir(own)
        else { return [] }
        defer { closedir(stream) }
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

    /// The file's bytes, or nil when it cannot be opened.
    ///
    /// - Parameter flags: of open(2), besides `O_RDONLY`.
    static func bytes(
        of path: String, flags: Int32 = 0, from offset: Int = 0, limit: Int = 1 << 20
    ) -> [UInt8]? {
        guard let file = try? open(path, O_RDONLY | flags) else { return nil }
        defer { close(file) }
        return bytes(of: file, from: offset, limit: limit)
    }

    static func text(of path: String, limit: Int = 1 << 20) -> String? {
        bytes(of: path, limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    static func bytes(of file: Int32, from offset: Int = 0, limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit, 64 * 1024))
        while bytes.count < limit {
            let room = min(chunk.count, limit - bytes.count)
            let count = pread(file, &chunk, room, off_t(offset + bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// Replaces a file by rename, so that a reader sees the old or the new text, never a part.
    static func replace(
        _ path: String, with bytes: [UInt8], mode: mode_t = 0o600, owner: SystemUser? = nil
    ) throws(Failure) {
        let temporary = "\(path).new"
        unlink(temporary)
        let file = try open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        defer { close(file) }
        do throws(Failure) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw Failure() }
                rest = rest.dropFirst(count)
            }
            if let owner { try check(fchown(file, owner.userID, owner.groupID)) }
            try check(fsync(file))
            try move(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    static func replace(
        _ path: String, with text: String, mode: mode_t = 0o600, owner: SystemUser? = nil
    ) throws(Failure) {
        try replace(path, with: Array(text.utf8), mode: mode, owner: owner)
    }

    static func move(_ path: String, to other: String) throws(Failure) {
        try check(rename(path, other))
    }
}
