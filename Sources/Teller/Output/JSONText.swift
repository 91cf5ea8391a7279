import BankAPI

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
            return String(decoding: try BankJSON.encoder().encode(value), as: UTF8.self) + "\n"
        } catch {
            throw TellerError(.software, "the answer cannot be written as JSON")
        }
    }

    /// One document: an array with a line for each value, and a line's end after it.
    static func array(_ values: [some Encodable]) throws(TellerError) -> String {
        let encoder = BankJSON.encoder()
        do {
            let lines = try values.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
            return lines.isEmpty ? "[]\n" : "[\n  " + lines.joined(separator: ",\n  ") + "\n]\n"
        } catch {
            throw TellerError(.software, "the answer cannot be written as JSON")
        }
    }
}
