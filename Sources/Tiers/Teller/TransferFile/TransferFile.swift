import Ledger

/// A file of transfers: JSON lines when it begins with `{`, else comma-separated values.
struct TransferFile: Sendable {
    /// The most transfers of a file.
    static let mostLines = 100_000
    /// The largest file, in bytes.
    static let largest = 64 << 20

    private(set) var lines: [FileLine<TransferLine>] = []
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
        let text = try Self.text(bytes)
        let isJSON = text.first { !Self.isBlank($0) } == UInt8(ascii: "{")
        // Comma-separated values begin below the names of the columns.
        firstNumber = isJSON ? 1 : 2
        try isJSON ? readJSON(text) : readCSV(text)
        guard !lines.isEmpty else { throw TransferFileError("it has no transfers") }
        refuseRepeatedIDs()
    }

    /// Adds a line of either form.
    ///
    /// - Parameter members: the texts that it has, by their names, or why it has none.
    mutating func add(
        _ number: Int, _ members: Result<[String: String], TransferFileError>
    ) throws(TransferFileError) {
        guard lines.count < Self.mostLines else {
            throw TransferFileError("it has more than \(Self.mostLines) transfers")
        }
        lines.append(FileLine(number: number, content: members).map(TransferLine.init))
    }

    /// Gives each line without an id the one that is as far behind a base as the line is behind the
    /// first, blank ones counted: the same file gets the same ids however often, and a line that is
    /// made blank leaves the others theirs.
    ///
    /// - Throws: ``ExitStatus/usage`` when there are too few.
    mutating func fillIDs(from base: Identifier) throws(TellerError) {
        for (index, line) in lines.enumerated() {
            guard var content = line.value, content.id == nil else { continue }
            let distance = UInt64(max(0, line.number - firstNumber))
            guard let id = base.advanced(by: distance) else {
                throw TellerError(
                    .usage, "--id: fewer ids follow it than the file has lines",
                    advice: "nothing was sent")
            }
            content.id = id
            lines[index].content = .success(content)
            self.base = base
        }
        refuseRepeatedIDs()
    }

    /// An id names one transfer: the second line that has it is a mistake.
    private mutating func refuseRepeatedIDs() {
        var seen: [Identifier: Int] = [:]
        for (index, line) in lines.enumerated() {
            guard let id = line.value?.id else { continue }
            if let earlier = seen[id] {
                lines[index].content = .failure(
                    TransferFileError("id: line \(earlier) has it already"))
            } else {
                seen[id] = line.number
            }
        }
    }
}

/// A line of a file of transfers, or what is made of it.
struct FileLine<Content: Sendable>: Sendable {
    /// From 1, as editors count.
    var number: Int
    /// What it holds, or what is wrong with it.
    var content: Result<Content, TransferFileError>

    /// `nil` where the line is wrong.
    var value: Content? { try? content.get() }

    var error: TellerError? {
        guard case .failure(let error) = content else { return nil }
        return TellerError(.dataError, "line \(number): \(error)", advice: "nothing was sent")
    }

    func map<Other>(
        _ transform: (Content) throws(TransferFileError) -> Other
    ) -> FileLine<Other> {
        FileLine<Other>(
            number: number,
            content: content.flatMap { content in
                Result { () throws(TransferFileError) in try transform(content) }
            })
    }
}

/// Why a text is no file of transfers, or a line of one no transfer.
struct TransferFileError: Error, Sendable, Hashable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
