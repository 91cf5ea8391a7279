/// The part of YAML in which openapi.yaml is written: block mappings and sequences, flow sequences
/// of plain words, and scalars of one line. What is beyond it is an error, so the file stays in it.
indirect enum YAMLSubset: Sendable {
    case scalar(String)
    case sequence([YAMLSubset])
    case mapping([(key: String, value: YAMLSubset)])

    private struct Line {
        var indent: Int
        var text: String
    }

    init(parsing text: String) throws {
        var lines = text.split(separator: "\n").map { line in
            Line(indent: line.prefix { $0 == " " }.count, text: String(line.drop { $0 == " " }))
        }[...]
        self = try Self.block(&lines, indent: 0)
        guard lines.isEmpty else {
            throw TestFailure("unexpected: \(lines[lines.startIndex].text)")
        }
    }

    private static func block(_ lines: inout ArraySlice<Line>, indent: Int) throws -> YAMLSubset {
        guard let first = lines.first, first.indent == indent else {
            throw TestFailure("bad indentation: \(lines.first?.text ?? "end")")
        }
        return first.text.hasPrefix("- ")
            ? try sequence(&lines, indent: indent) : try mapping(&lines, indent: indent)
    }

    private static func sequence(_ lines: inout ArraySlice<Line>, indent: Int) throws -> YAMLSubset
    {
        var items: [YAMLSubset] = []
        while let line = lines.first, line.indent == indent, line.text.hasPrefix("- ") {
            let rest = String(line.text.dropFirst(2))
            if rest.contains(": ") {
                lines[lines.startIndex] = Line(indent: indent + 2, text: rest)
                items.append(try mapping(&lines, indent: indent + 2))
            } else {
                lines.removeFirst()
                items.append(try value(rest))
            }
        }
        return .sequence(items)
    }

    private static func mapping(_ lines: inout ArraySlice<Line>, indent: Int) throws -> YAMLSubset {
        var entries: [(key: String, value: YAMLSubset)] = []
        while let line = lines.first, line.indent == indent, !line.text.hasPrefix("- ") {
            lines.removeFirst()
            let isBlock = line.text.hasSuffix(":")
            let parts =
                isBlock ? [line.text.dropLast()] : line.text.split(separator: ": ", maxSplits: 1)
            guard let key = parts.first, isBlock || parts.count == 2 else {
                throw TestFailure("no key: \(line.text)")
            }
            let entry: YAMLSubset
            if isBlock, let next = lines.first, next.indent > indent {
                entry = try block(&lines, indent: next.indent)
            } else {
                entry = try value(String(parts.last ?? ""))
            }
            let name = try value(String(key)).text ?? ""
            guard !entries.contains(where: { $0.key == name }) else {
                throw TestFailure("twice: \(name)")
            }
            entries.append((name, entry))
        }
        return .mapping(entries)
    }

    private static func value(_ text: String) throws -> YAMLSubset {
        if text.hasPrefix("["), text.hasSuffix("]") {
            let words = text.dropFirst().dropLast().split(separator: ",")
            return .sequence(words.map { .scalar(String($0.drop { $0 == " " })) })
        }
        if text.hasPrefix("'"), text.hasSuffix("'"), text.count > 1 {
            return .scalar(String(text.dropFirst().dropLast()))
        }
        guard let first = text.first, !"&*!|>%@{}\"'#".contains(first) else {
            throw TestFailure("not a plain scalar: \(text)")
        }
        return .scalar(text)
    }

    subscript(key: String) -> YAMLSubset? {
        guard case .mapping(let entries) = self else { return nil }
        return entries.first { $0.key == key }?.value
    }

    var keys: [String] {
        guard case .mapping(let entries) = self else { return [] }
        return entries.map(\.key)
    }

    var items: [YAMLSubset] {
        guard case .sequence(let items) = self else { return [] }
        return items
    }

    var text: String? {
        guard case .scalar(let text) = self else { return nil }
        return text
    }

    /// Every `$ref` in it.
    var references: [String] {
        switch self {
        case .scalar: []
        case .sequence(let items): items.flatMap(\.references)
        case .mapping(let entries):
            entries.flatMap { entry in
                entry.key == "$ref" ? [entry.value.text ?? ""] : entry.value.references
            }
        }
    }
}
