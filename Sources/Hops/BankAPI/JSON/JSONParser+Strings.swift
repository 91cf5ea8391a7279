import Bytes

extension JSONParser {
    /// What begins at the quotation mark that is next.
    mutating func string() throws(JSONError) -> String {
        index += 1
        let start = index
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw error("a control character in a string") }
            index += 1
        }
        if take("\"") { return try text(bytes[start..<(index - 1)]) }
        var unescaped = Array(bytes[start..<index])
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(unescaped[...])
            case UInt8(ascii: "\\"): try escape(into: &unescaped)
            case 0..<0x20: throw error("a control character in a string")
            default: unescaped.append(byte)
            }
        }
        throw error("the text ends inside a string")
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw error("a string that is not UTF-8")
        }
        return text
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let letter = next else { throw error("the text ends inside a string") }
        index += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: try scalar().utf8)
        default: throw error("an unknown escape")
        }
    }

    /// What follows `\u`: one UTF-16 unit, or two of a surrogate pair.
    private mutating func scalar() throws(JSONError) -> String {
        var units = [try unit()]
        if UTF16.isLeadSurrogate(units[0]), take("\\") {
            guard take("u") else { throw error("half of a surrogate pair") }
            units.append(try unit())
        }
        guard let text = String(validating: units, as: UTF16.self) else {
            throw error("half of a surrogate pair")
        }
        return text
    }

    private mutating func unit() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else {
                throw error("four hexadecimal digits are expected")
            }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }
}
