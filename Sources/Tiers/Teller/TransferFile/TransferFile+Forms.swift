import BankAPI

// Each form says which texts a line has, by their names.
extension TransferFile {
    private static let required: Set = ["amount", "from", "to"]
    private static let names = required.union(["memo", "id", "currency"])
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    /// The bytes, checked to be text: no character is put in place of what somebody wrote.
    static func text(_ bytes: [UInt8]) throws(TransferFileError) -> ArraySlice<UInt8> {
        let head = Array(bytes.prefix(2))
        // By the mark that it begins with, or as every other byte of plain text is zero.
        if [[0xFF, 0xFE], [0xFE, 0xFF]].contains(head) || head.count == 2 && head.contains(0) {
            throw TransferFileError("it is text in UTF-16: save it as UTF-8")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            let lines = bytes.split(separator: lineFeed, omittingEmptySubsequences: false)
            let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
            throw TransferFileError("line \((index ?? 0) + 1): it is not text in UTF-8")
        }
        // The mark that some editors begin a file of UTF-8 with.
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    }

    /// JSON lines: an object on each, blank lines aside.
    mutating func readJSON(_ text: ArraySlice<UInt8>) throws(TransferFileError) {
        let lines = text.split(separator: Self.lineFeed, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.allSatisfy(Self.isBlank) {
            let members = Result { () throws(TransferFileError) in try Self.members(line) }
            try add(index + 1, members)
        }
    }

    /// The members of an object that are texts, all of known names: a mistyped one is not passed over.
    private static func members(
        _ line: ArraySlice<UInt8>
    ) throws(TransferFileError) -> [String: String] {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: Array(line))
        } catch {
            throw TransferFileError("it is not a JSON object: \(error.reason)")
        }
        guard case .object(let members) = value else {
            throw TransferFileError("it is not a JSON object")
        }
        var texts: [String: String] = [:]
        for member in members {
            guard names.contains(member.name) else {
                let shown = member.name.printable.shortened(toColumns: 40)
                throw TransferFileError("it has a member '\(shown)'")
            }
            switch member.value {
            case .null: continue
            case .string(let text): texts[member.name] = text
            default: throw TransferFileError("\(member.name): a text in quotes is expected")
            }
        }
        return texts
    }

    /// Comma-separated values: the first line names the columns.
    mutating func readCSV(_ text: ArraySlice<UInt8>) throws(TransferFileError) {
        var reader = CSVReader(text)
        let columns: [String]
        do throws(TransferFileError) {
            guard let header = try reader.next() else { return }
            columns = header.fields.map { $0.lowercased() }
        } catch {
            throw Self.otherForm(text) ?? error
        }
        try Self.check(columns, text)
        while let record = try reader.next() {
            if record.fields == [""] { continue }
            let fields = record.fields
            guard fields.count == columns.count else {
                let why = "it has \(fields.count) fields, the first line has \(columns.count)"
                try add(record.line, .failure(TransferFileError(why)))
                continue
            }
            let members = zip(columns, fields)
            try add(record.line, .success(Dictionary(members, uniquingKeysWith: { $1 })))
        }
    }

    private static func check(
        _ columns: [String], _ text: ArraySlice<UInt8>
    ) throws(TransferFileError) {
        guard required.isSubset(of: columns) else {
            throw otherForm(text)
                ?? TransferFileError(
                    "its first line is to name the columns: amount,from,to and, where there are "
                        + "any, memo,id,currency")
        }
        for (index, name) in columns.enumerated() {
            guard names.contains(name) else {
                throw TransferFileError(
                    "its first line names a column '\(name.printable.shortened(toColumns: 40))': "
                        + "there are amount, from, to, memo, id and currency")
            }
            guard !columns[..<index].contains(name) else {
                throw TransferFileError("its first line names the column \(name) twice")
            }
        }
    }

    /// Which other form of such a file this is, by its first line; `nil` when it has none of them.
    private static func otherForm(_ text: ArraySlice<UInt8>) -> TransferFileError? {
        let first = text.prefix { ![lineFeed, carriageReturn].contains($0) }
        // Names of columns are shorter: a file of no such form may be one line of any length.
        let line = String(decoding: first.prefix(1_000), as: UTF8.self).lowercased()
            .replacing("\"", with: "")
        func isSeparated(by separator: Character) -> Bool {
            required.isSubset(of: line.split(separator: separator).map(String.init))
        }
        for (separator, name): (Character, String) in [(";", "semicolons"), ("\t", "tabs")]
        where isSeparated(by: separator) {
            return TransferFileError(
                "its columns are separated by \(name): save it with commas")
        }
        let end = text[first.endIndex...].prefix(2)
        guard end.first == carriageReturn, end.last != lineFeed, isSeparated(by: ",") else {
            return nil
        }
        // As old Macs did.
        return TransferFileError(
            "its lines end with a carriage return alone: save it with line feeds")
    }
}
