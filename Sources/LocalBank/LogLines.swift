/// A line of a part's log.
public struct LogLine: Sendable, Equatable {
    public let part: Part
    /// Without its line break.
    public let text: String
}

/// The lines of one or more logs.
///
/// Lines are read as they are asked for, so a slow reader holds nothing up. A line longer than
/// 64 KiB comes in pieces. When following, the sequence ends when its task is cancelled.
public struct LogLines: AsyncSequence, Sendable {
    let files: [(part: Part, path: String)]
    let follow: Bool
    /// Of each log; nil for all that is there.
    let lastLines: Int?

    public func makeAsyncIterator() -> Iterator {
        Iterator(
            logs: files.map { file in
                let start = lastLines.map { LogFile(file.path).offset(ofLast: $0) } ?? 0
                return Log(part: file.part, path: file.path, offset: start)
            }, follow: follow)
    }

    public struct Iterator: AsyncIteratorProtocol {
        var logs: [Log]
        let follow: Bool
        private var current = 0

        init(logs: [Log], follow: Bool) {
            self.logs = logs
            self.follow = follow
        }

        public mutating func next() async -> LogLine? {
            while !Task.isCancelled {
                for _ in logs.indices {
                    if let line = logs[current].nextLine(atEnd: !follow) { return line }
                    current = (current + 1) % logs.count
                }
                guard follow, !logs.isEmpty else { return nil }
                try? await Task.sleep(for: .milliseconds(100))
            }
            return nil
        }
    }

    struct Log: Sendable {
        private static let chunkBytes = 64 * 1024

        let part: Part
        let path: String
        /// Of the first byte that is not in `pending`.
        var offset: Int
        private var pending: [UInt8] = []
        private var taken = 0

        init(part: Part, path: String, offset: Int) {
            self.part = part
            self.path = path
            self.offset = offset
        }

        /// - Parameter atEnd: what follows the last line break is a line too.
        mutating func nextLine(atEnd: Bool) -> LogLine? {
            if let line = takeLine() { return line }
            refill()
            if let line = takeLine() { return line }
            let isLong = pending.count >= Self.chunkBytes
            guard isLong || atEnd, !pending.isEmpty else { return nil }
            defer { pending = [] }
            return LogLine(part: part, text: String(decoding: pending, as: UTF8.self))
        }

        private mutating func takeLine() -> LogLine? {
            guard let end = pending[taken...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            defer { taken = end + 1 }
            return LogLine(
                part: part, text: String(decoding: pending[taken..<end], as: UTF8.self))
        }

        private mutating func refill() {
            pending.removeFirst(taken)
            taken = 0
            // Shorter than before: it was put aside and begun anew.
            if Files.sizeBytes(path) < offset { offset = 0 }
            let room = Self.chunkBytes - pending.count
            guard room > 0, let bytes = Files.bytes(of: path, from: offset, limit: room)
            else { return }
            offset += bytes.count
            pending += bytes
        }
    }
}
