import Ledger

/// A file of transfers: JSON lines when it begins with `{`, else comma-separated values.
struct TransferFile: Sendable {
    struct Line: Sendable {
        /// From 1, as editors count.
        var number: Int
        var content: Result<CheckedLine, LineError>
    }

    /// The most transfers of a file.
    static let mostLines = 100_000
    /// The largest file, in bytes.
    static let largest = 64 << 20

    private(set) var lines: [Line]
    /// Of its bytes (FIPS 180-4), in hexadecimal: by it the journal knows the file again.
    var sha256 = ""
    /// The number of the first line that can hold a transfer.
    private let firstNumber: Int
    /// The id that the first line has or would have, once the ids that the file leaves out are filled
    /// in from it; `nil` as long as it leaves none out.
    private(set) var base: Identifier?

    /// - Throws: ``TransferFileError`` for what is no such file. A line that is wrong is no error
    ///   of the file.
    init(_ bytes: [UInt8]) throws(TransferFileError) {
        if Self.isUTF16(bytes) { throw .utf16 }
        if let line = Self.lineWithoutText(bytes) { throw .notUTF8(line: line) }
        var text = bytes[...]
        // The mark that some editors begin a file of UTF-8 with.
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
        let isJSON = text.first { !JSONLines.isBlank($0) } == UInt8(ascii: "{")
        lines = isJSON ? try JSONLines.read(text) : try CSVLines.read(text)
        // Comma-separated values begin below the names of the columns.
        firstNumber = isJSON ? 1 : 2
        guard !lines.isEmpty else { throw .empty }
        refuseRepeatedIDs()
    }

    /// By the mark that it begins with, or as every other byte of plain text is zero.
    private static func isUTF16(_ bytes: [UInt8]) -> Bool {
        let head = Array(bytes.prefix(2))
        return [[0xFF, 0xFE], [0xFE, 0xFF]].contains(head) || head.count == 2 && head.contains(0)
    }

    /// The first line that is not UTF-8: no character is put in place of what somebody wrote.
    private static func lineWithoutText(_ bytes: [UInt8]) -> Int? {
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        return (index ?? 0) + 1
    }

    /// Whether a line says its id itself.
    var hasIDs: Bool { good.contains { $0.line.id != nil } }

    /// The lines that can be done.
    var good: [(number: Int, line: CheckedLine)] {
        lines.compactMap { line in
            (try? line.content.get()).map { (line.number, $0) }
        }
    }

    /// Gives each line without an id the one that is as far behind a base as the line is behind the
    /// first, blank ones counted: the same file gets the same ids however often, and a line that is
    /// made blank leaves the others theirs.
    ///
    /// - Returns: `false` when there are too few.
    mutating func fillIDs(from base: Identifier) -> Bool {
        for (index, line) in lines.enumerated() {
            guard var content = try? line.content.get(), content.id == nil else { continue }
            let distance = UInt64(max(0, line.number - firstNumber))
            guard let id = base.advanced(by: distance) else { return false }
            content.id = id
            lines[index].content = .success(content)
            self.base = base
        }
        refuseRepeatedIDs()
        return true
    }

    /// An id names one transfer: the second line that has it is a mistake.
    private mutating func refuseRepeatedIDs() {
        var seen: [Identifier: Int] = [:]
        for (index, line) in lines.enumerated() {
            guard let id = try? line.content.get().id else { continue }
            if let earlier = seen[id] {
                lines[index].content = .failure(LineError("id: line \(earlier) has it already"))
            } else {
                seen[id] = line.number
            }
        }
    }
}

extension TransferFile.Line {
    init(number: Int, _ line: Result<TransferLine, LineError>) {
        self.number = number
        content = line.flatMap { line in
            do throws(LineError) {
                return .success(try CheckedLine(line))
            } catch {
                return .failure(error)
            }
        }
    }
}

/// Why a text is no file of transfers.
enum TransferFileError: Error, Sendable, Hashable, CustomStringConvertible {
    case utf16
    case notUTF8(line: Int)
    /// Old Macs' ends of lines.
    case carriageReturns
    case separator(String)
    case empty
    case tooMany
    case csv(CSVError)
    case noHeader
    case unknownColumn(String)
    case columnTwice(String)

    var description: String {
        switch self {
        case .notUTF8(let line): "line \(line): it is not text in UTF-8"
        case .utf16: "it is text in UTF-16: save it as UTF-8"
        case .carriageReturns:
            "its lines end with a carriage return alone: save it with line feeds"
        case .separator(let name):
            "its columns are separated by \(name): save it with commas"
        case .empty: "it has no transfers"
        case .tooMany: "it has more than \(TransferFile.mostLines) transfers"
        case .csv(let error): "line \(error.line): \(error.problem.rawValue)"
        case .noHeader:
            "its first line is to name the columns: amount,from,to and, where there are any, "
                + "memo,id,currency"
        case .unknownColumn(let name):
            "its first line names a column '\(name.printable.shortened(toColumns: 40))': there "
                + "are amount, from, to, memo, id and currency"
        case .columnTwice(let name): "its first line names the column \(name) twice"
        }
    }
}
