#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The environment of a process, byte for byte: neither a name nor a value has to be text.
struct Variables: Sendable, ExpressibleByDictionaryLiteral {
    private var values: [[UInt8]: [UInt8]] = [:]

    init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { self[name] = value }
    }

    /// Those of this process.
    static func own() -> Variables {
        var variables = Variables()
        var next = environ
        while let entry = next.pointee {
            let bytes = UnsafeRawBufferPointer(start: entry, count: strlen(entry))
            if let equals = bytes.firstIndex(of: UInt8(ascii: "=")), equals > 0 {
                variables.values[Array(bytes[..<equals])] = Array(bytes[(equals + 1)...])
            }
            next += 1
        }
        return variables
    }

    subscript(name: String) -> String? {
        get { values[Array(name.utf8)].map { String(decoding: $0, as: UTF8.self) } }
        set { values[Array(name.utf8)] = newValue.map { Array($0.utf8) } }
    }

    mutating func removeAll(withPrefix prefix: String) {
        values = values.filter { !$0.key.starts(with: prefix.utf8) }
    }

    mutating func keep(_ names: [String], prefixes: [String]) {
        values = values.filter { name, _ in
            names.contains { name.elementsEqual($0.utf8) }
                || prefixes.contains { name.starts(with: $0.utf8) }
        }
    }

    /// `NAME=value` and a zero for each, as exec(3) takes them.
    var entries: [[UInt8]] {
        values.map { name, value in name + [UInt8(ascii: "=")] + value + [0] }
    }
}
