/// Transfers as comma-separated values; the first line names the columns.
enum CSVLines {
    static func read(
        _ text: ArraySlice<UInt8>
    ) throws(TransferFileError) -> [TransferFile.Line] {
        var reader = CSVReader(text)
        guard let header = try next(&reader) else { return [] }
        let columns = try columns(header)
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
        _ header: CSVReader.Record
    ) throws(TransferFileError) -> [TransferLine.Member] {
        let names = header.fields.map { $0.lowercased() }
        guard Set(TransferLine.requiredNames).isSubset(of: names) else { throw .noHeader }
        var columns: [TransferLine.Member] = []
        for (index, name) in names.enumerated() {
            guard let member = TransferLine.members[name] else { throw .unknownColumn(name) }
            guard !names[..<index].contains(name) else { throw .columnTwice(name) }
            columns.append(member)
        }
        return columns
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
