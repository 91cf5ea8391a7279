// RFC 3986, section 2.1.
extension String {
    /// The text with all but the unreserved characters of RFC 3986, section 2.3, encoded.
    public var percentEncoded: String {
        var result = ""
        for byte in utf8 {
            let isLetter = byte.asciiUppercased.isASCIICapital
            if isLetter || byte.isASCIIDigit || "-._~".utf8.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + byte.hexadecimal.uppercased()
            }
        }
        return result
    }
}

extension Substring {
    /// The text with its percent-encoded bytes decoded.
    ///
    /// - Returns: `nil` when a percent sign is not followed by two hexadecimal digits, or the bytes
    ///   are not UTF-8.
    public var percentDecoded: String? {
        guard utf8.contains(UInt8(ascii: "%")) else { return String(self) }
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexDigitValue,
                let low = rest.popFirst()?.hexDigitValue
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
