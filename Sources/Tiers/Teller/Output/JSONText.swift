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
        do {
            return harmless(try BankJSON.encoder().encode(value)) + "\n"
        } catch {
            throw TellerError(.software, "the answer cannot be written as JSON")
        }
    }

    /// One document: an array with a line for each value, and a line's end after it.
    static func array(_ values: [some Encodable]) throws(TellerError) -> String {
        let encoder = BankJSON.encoder()
        do {
            let lines = try values.map { harmless(try encoder.encode($0)) }
            return lines.isEmpty ? "[]\n" : "[\n  " + lines.joined(separator: ",\n  ") + "\n]\n"
        } catch {
            throw TellerError(.software, "the answer cannot be written as JSON")
        }
    }

    /// The same document, with what could steer a terminal escaped: it stands in texts only.
    private static func harmless(_ json: Data) -> String {
        let text = String(decoding: json, as: UTF8.self)
        guard text.unicodeScalars.contains(where: \.isHarmful) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            guard scalar.isHarmful else { return result.unicodeScalars.append(scalar) }
            for unit in UTF16.encode(scalar) ?? .init() {
                result += "\\u" + unit.hexadecimal
            }
        }
    }
}
