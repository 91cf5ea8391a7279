/// Transfers as comma-separated values; the first line names the columns.
enum CSVLines {
    static func read(
        _ text: ArraySlice<UInt8>
    ) throws(TransferFileError) -> [TransferFile.Line] {
        var reader = CSVReader(text)
        let names: [String]
        do throws(TransferFileError) {
            guard let header = try next(&reader) else { return [] }
            names = header.fields.map { $0.lowercased() }
        } catch {
            throw otherForm(text) ?? error
        }
        let columns = try columns(names, text)
        var lines: [TransferFile.Line] = []
        while let record = try next(&reader) {
            if record.fields == [""] { continue }
            guard lines.count < TransferFile.mostLines else { throw .tooMany }
            lines.append(TransferFile.Line(number: record.line, line(record, columns)))
        }
        return lines
    }

    private static func next(
        _ reader: inout CSVReader
    ) throws(TransferFileError) -> CSVReader.Record? {
        do throws(CSVError) {
            return try reader.next()
        } catch {
            throw .csv(error)
        }
    }

    private static func columns(
        _ names: [String], _ text: ArraySlice<UInt8>
    ) throws(TransferFileError) -> [TransferLine.Member] {
        guard hasAll(names) else { throw otherForm(text) ?? .noHeader }
        var columns: [TransferLine.Member] = []
        for (index, name) in names.enumerated() {
            guard let member = TransferLine.members[name] else { throw .unknownColumn(name) }
            guard !names[..<index].contains(name) else { throw .columnTwice(name) }
            columns.append(member)
        }
        return columns
    }

    private static func hasAll(_ names: [String]) -> Bool {
        Set(TransferLine.requiredNames).isSubset(of: names)
    }

    /// What other form of such a file this is, by its first line; `nil` when it is none.
    private static func otherForm(_ text: ArraySlice<UInt8>) -> TransferFileError? {
        let first = text.prefix { ![0x0A, 0x0D].contains($0) }
        func isSeparated(by separator: UInt8) -> Bool {
            hasAll(
                first.filter { $0 != UInt8(ascii: "\"") }.split(separator: separator)
                    .map { String(decoding: $0, as: UTF8.self).lowercased() })
        }
        if isSeparated(by: UInt8(ascii: ";")) { return .separator("semicolons") }
        if isSeparated(by: UInt8(ascii: "\t")) { return .separator("tabs") }
        let end = text[first.endIndex...].prefix(2)
        let endsAlone = end.first == 0x0D && end.last != 0x0A
        return endsAlone && isSeparated(by: UInt8(ascii: ",")) ? .carriageReturns : nil
    }

    private static func line(
        _ record: CSVReader.Record, _ columns: [TransferLine.Member]
    ) -> Result<TransferLine, LineError> {
        guard record.fields.count == columns.count else {
            return .failure(
                LineError(
                    "it has \(record.fields.count) fields, the first line has \(columns.count)"))
        }
        var line = TransferLine()
        for (column, field) in zip(columns, record.fields) { line[keyPath: column] = field }
        return .success(line)
    }
}
