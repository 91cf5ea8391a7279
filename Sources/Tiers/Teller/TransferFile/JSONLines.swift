#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Transfers as JSON lines: an object on each, blank lines aside.
enum JSONLines {
    static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    static func read(
        _ text: ArraySlice<UInt8>
    ) throws(TransferFileError) -> [TransferFile.Line] {
        let decoder = JSONDecoder()
        var lines: [TransferFile.Line] = []
        let parts = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() where !part.allSatisfy(isBlank) {
            guard lines.count < TransferFile.mostLines else { throw .tooMany }
            lines.append(TransferFile.Line(number: index + 1, line(part, decoder)))
        }
        return lines
    }

    private static func line(
        _ text: ArraySlice<UInt8>, _ decoder: JSONDecoder
    ) -> Result<TransferLine, LineError> {
        do {
            let line = try decoder.decode(JSONLine.self, from: Data(text))
            guard line.count == memberCount(text) else {
                return .failure(LineError("it has a member twice"))
            }
            return .success(line.line)
        } catch let error as LineError {
            return .failure(error)
        } catch {
            return .failure(LineError("it is not a JSON object"))
        }
    }
}

extension JSONLines {
    /// How many members an object has whose values are texts or null, also where two have one name:
    /// a decoder shows only one of those.
    fileprivate static func memberCount(_ object: ArraySlice<UInt8>) -> Int {
        var (count, isText, isEscaped) = (0, false, false)
        for byte in object {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isText.toggle()
            } else if isText {
                isEscaped = byte == UInt8(ascii: "\\")
            } else if byte == UInt8(ascii: ":") {
                count += 1
            }
        }
        return count
    }
}

/// An object whose members are texts, and of known names: a mistyped one is not passed over.
private struct JSONLine: Decodable {
    var line = TransferLine()
    /// How many members there are, of different names.
    let count: Int

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AnyName.self)
        count = container.allKeys.count
        for name in container.allKeys {
            let text = name.stringValue
            guard let member = TransferLine.members[text] else {
                throw LineError("it has a member '\(text.printable.shortened(toColumns: 40))'")
            }
            if try container.decodeNil(forKey: name) { continue }
            guard let value = try? container.decode(String.self, forKey: name) else {
                throw LineError("\(text): a text in quotes is expected")
            }
            line[keyPath: member] = value
        }
    }
}
