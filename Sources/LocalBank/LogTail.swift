#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The end of a log.
enum LogTail {
    private static let windowBytes = 64 * 1024
    private static let rotateBytes = 16 * 1024 * 1024

    static func sizeBytes(_ path: String) -> Int {
        var info = stat()
        return stat(path, &info) == 0 ? Int(info.st_size) : 0
    }

    /// The last lines that are not empty, of what was written after `start`.
    static func lines(_ path: String, count: Int, after start: Int = 0) -> [String] {
        let size = sizeBytes(path)
        let from = max(start, size - windowBytes)
        guard let bytes = read(path, from: from, limit: windowBytes) else { return [] }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.map(String.init).filter { !$0.trimmed.isEmpty }.suffix(count)
    }

    /// Where the last `count` lines begin, within the last 64 KiB.
    static func offset(_ path: String, ofLast count: Int) -> Int {
        let size = sizeBytes(path)
        let from = max(0, size - windowBytes)
        guard let bytes = read(path, from: from, limit: windowBytes) else { return size }
        var missing = count + (bytes.last == UInt8(ascii: "\n") ? 1 : 0)
        for index in bytes.indices.reversed() where bytes[index] == UInt8(ascii: "\n") {
            missing -= 1
            if missing == 0 { return from + index + 1 }
        }
        return from
    }

    /// Puts a log that has become large aside before a process is started that appends to it. The
    /// one put aside earlier is deleted.
    static func rotateIfLarge(_ path: String) {
        if sizeBytes(path) > rotateBytes { rename(path, "\(path).1") }
    }

    static func read(_ path: String, from offset: Int, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard lseek(file, off_t(offset), SEEK_SET) >= 0 else { return nil }
        return Files.readAll(file, limit: limit)
    }
}
