import NIOCore

/// Which batches of a stream have no answer yet, by the bytes that pass.
struct StreamedBatches {
    private var requests = MessageFraming()
    private var answers = MessageFraming()
    /// Their sizes in bytes, the oldest first.
    private(set) var unanswered: [Int] = []
    private var hasAnswers = false

    /// Whether a batch has arrived in part.
    var isAmidst: Bool { requests.isAmidst }

    /// Whether there were batches, and all have their answers.
    var areAnswered: Bool { hasAnswers && unanswered.isEmpty && !isAmidst }

    /// - Returns: How many batches are there as a whole by these bytes.
    mutating func receive(_ bytes: ByteBuffer) -> Int {
        let sizes = requests.read(bytes)
        unanswered += sizes
        return sizes.count
    }

    /// - Returns: The sizes of the batches that these bytes answer.
    mutating func send(_ bytes: ByteBuffer) -> [Int] {
        let count = min(answers.read(bytes).count, unanswered.count)
        hasAnswers = hasAnswers || count > 0
        defer { unanswered.removeFirst(count) }
        return Array(unanswered.prefix(count))
    }
}

/// Finds where messages end: each has a byte of flags, four of its length, and so many more.
///
/// Source: grpc/grpc, doc/PROTOCOL-HTTP2.md, 'Length-Prefixed-Message'.
private struct MessageFraming {
    private static let prefix = 5

    private var prefixBytes = 0
    private var length = 0
    private var missing = 0

    var isAmidst: Bool { prefixBytes > 0 }

    /// - Returns: The sizes of the messages that end in these bytes, with their prefix.
    mutating func read(_ bytes: ByteBuffer) -> [Int] {
        var bytes = bytes
        var sizes: [Int] = []
        while true {
            while prefixBytes < Self.prefix, let byte = bytes.readInteger(as: UInt8.self) {
                // The first one is not of the length.
                length = prefixBytes == 0 ? 0 : length << 8 | Int(byte)
                prefixBytes += 1
                missing = length
            }
            guard prefixBytes == Self.prefix else { return sizes }
            let part = min(missing, bytes.readableBytes)
            bytes.moveReaderIndex(forwardBy: part)
            missing -= part
            guard missing == 0 else { return sizes }
            sizes.append(Self.prefix + length)
            prefixBytes = 0
        }
    }
}
