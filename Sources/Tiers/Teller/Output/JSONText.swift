import BankAPI
import Bytes

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// JSON for programs, that people can read as well.
enum JSONText {
    /// One document on a line of its own.
    static func object(_ value: some Encodable) throws(TellerError) -> String {
        try text(of: value, BankJSON.encoder()) + "\n"
    }

    /// One document: an array with a line for each value, and a line's end after it.
    static func array(_ values: [some Encodable]) throws(TellerError) -> String {
        let encoder = BankJSON.encoder()
        let lines = try values.map { value throws(TellerError) in try text(of: value, encoder) }
        return lines.isEmpty ? "[]\n" : "[\n  " + lines.joined(separator: ",\n  ") + "\n]\n"
    }

    /// What could steer a terminal is escaped: it stands in texts only.
    private static func text(
        of value: some Encodable, _ encoder: JSONEncoder
    ) throws(TellerError) -> String {
        guard let json = try? encoder.encode(value) else {
            throw TellerError(.software, "the answer cannot be written as JSON")
        }
        let text = String(decoding: json, as: UTF8.self)
        guard text.unicodeScalars.contains(where: \.isHarmful) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            guard scalar.isHarmful else { return result.unicodeScalars.append(scalar) }
            for unit in String(scalar).utf16 {
                result += "\\u" + unit.hexadecimal
            }
        }
    }
}

/// The members of one value, and then those of another, in one object.
struct Members<First: Encodable, Second: Encodable>: Encodable {
    var first: First
    var second: Second

    init(_ first: First, and second: Second) {
        self.first = first
        self.second = second
    }

    func encode(to encoder: any Encoder) throws {
        try first.encode(to: encoder)
        try second.encode(to: encoder)
    }
}
