/// A log that a process appends to.
struct LogFile: Sendable {
    private static let windowBytes = 64 * 1024
    private static let rotateBytes = 16 * 1024 * 1024

    let path: String

    init(_ path: String) { self.path = path }

    /// The last lines that are not empty, of what was written after `start`.
    func lastLines(_ count: Int, after start: Int = 0) -> [String] {
        let from = max(start, Files.sizeBytes(path) - Self.windowBytes)
        let bytes = Files.bytes(of: path, from: from, limit: Self.windowBytes) ?? []
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.map(String.init).filter { !$0.trimmed.isEmpty }.suffix(count)
    }

    /// Where the last `count` lines begin, within the last 64 KiB.
    func offset(ofLast count: Int) -> Int {
        let from = max(0, Files.sizeBytes(path) - Self.windowBytes)
        let bytes = Files.bytes(of: path, from: from, limit: Self.windowBytes) ?? []
        var missing = count + (bytes.last == UInt8(ascii: "\n") ? 1 : 0)
        for index in bytes.indices.reversed() where bytes[index] == UInt8(ascii: "\n") {
            missing -= 1
            if missing == 0 { return from + index + 1 }
        }
        return from
    }

    /// Puts a log that has become large aside before a process is started that appends to it. The
    /// one put aside earlier is deleted.
    func rotateIfLarge() {
        if Files.sizeBytes(path) > Self.rotateBytes { try? Files.move(path, to: "\(path).1") }
    }
}
