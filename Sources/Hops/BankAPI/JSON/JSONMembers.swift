import Bytes
public import NIOCore

/// A body that is written by hand, in the order of its members' names, byte for byte as ``BankJSON``'s
/// encoder would: it is asked for all the time, and costs a fraction so.
public protocol WrittenBody: Encodable {
    func write(into buffer: inout ByteBuffer)
}

extension WrittenBody {
    /// The body as JSON.
    public var json: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(minimumWritableBytes: 512)
        write(into: &buffer)
        return buffer
    }

    public func encode(to encoder: any Encoder) throws {
        try JSONValue(parsing: Array(json.readableBytesView)).encode(to: encoder)
    }
}

extension ByteBuffer {
    /// - Parameter members: Writes one at least.
    mutating func writeObject(_ members: (inout ByteBuffer) -> Void) {
        writeStaticString("{")
        members(&self)
        // The last member's comma becomes the end.
        moveWriterIndex(to: writerIndex - 1)
        writeStaticString("}")
    }

    mutating func writeArray<Element>(
        _ elements: [Element], _ write: (inout ByteBuffer, Element) -> Void
    ) {
        writeStaticString("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { writeStaticString(",") }
            write(&self, element)
        }
        writeStaticString("]")
    }

    /// - Parameters:
    ///   - name: The member's name, with everything up to the text.
    ///   - text: Has nothing to escape; `nil`: there is no such member.
    mutating func writeMember(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        writeStaticString(name)
        writeString(text)
        writeStaticString(#"","#)
    }

    mutating func writeMember(_ name: StaticString, _ number: Int64?) {
        guard let number else { return }
        writeStaticString(name)
        writeString(String(number))
        writeStaticString(",")
    }

    /// - Parameter text: Is escaped: RFC 8259, section 7.
    mutating func writeMember(_ name: StaticString, escaping text: String) {
        let mustEscape = text.utf8.contains { $0 < 0x20 || $0 == 0x22 || $0 == 0x5c }
        guard mustEscape else { return writeMember(name, text) }
        writeStaticString(name)
        for byte in text.utf8 {
            switch byte {
            case 0x22: writeStaticString("\\\"")
            case 0x5c: writeStaticString("\\\\")
            case 0x08: writeStaticString("\\b")
            case 0x09: writeStaticString("\\t")
            case 0x0a: writeStaticString("\\n")
            case 0x0c: writeStaticString("\\f")
            case 0x0d: writeStaticString("\\r")
            case 0..<0x20: writeString("\\u00" + byte.hexadecimal)
            default: writeInteger(byte)
            }
        }
        writeStaticString(#"","#)
    }
}
