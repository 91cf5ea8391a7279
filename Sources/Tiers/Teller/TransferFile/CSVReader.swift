/// Reads comma-separated values. Source: RFC 4180; lines may also end with LF alone, and are
/// counted by those ends.
struct CSVReader: Sendable {
    struct Record: Sendable, Hashable {
        /// Where it begins, from 1.
        var line: Int
        var fields: [String]
    }

    private var rest: ArraySlice<UInt8>
    private var line = 1

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// The next record; `nil` at the end.
    ///
    /// - Throws: ``TransferFileError``, after which there is nothing more to read.
    mutating func next() throws(TransferFileError) -> Record? {
        guard !rest.isEmpty else { return nil }
        var record = Record(line: line, fields: [])
        while true {
            record.fields.append(try field())
            switch rest.popFirst() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: "\r") where rest.first == UInt8(ascii: "\n"):
                rest.removeFirst()
                line += 1
            case UInt8(ascii: "\n"): line += 1
            case nil: break
            default:
                throw TransferFileError(
                    "line \(line): there is text between a closing quote and the next comma")
            }
            return record
        }
    }

    private mutating func field() throws(TransferFileError) -> String {
        guard rest.first == UInt8(ascii: "\"") else {
            let end = rest.firstIndex { [0x2C, 0x0A].contains($0) } ?? rest.endIndex
            var field = rest[..<end]
            rest = rest[end...]
            if rest.first != UInt8(ascii: ","), field.last == UInt8(ascii: "\r") {
                field.removeLast()
            }
            return String(decoding: field, as: UTF8.self)
        }
        let start = line
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard byte == UInt8(ascii: "\"") else {
                bytes.append(byte)
                continue
            }
            guard rest.first == byte else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
            rest.removeFirst()
        }
        throw TransferFileError("line \(start): a quote is opened and never closed")
    }
}
