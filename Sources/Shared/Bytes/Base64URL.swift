// RFC 4648, section 5, without padding.
extension Collection<UInt8> {
    /// The bytes as base64url.
    public var base64URL: String {
        var text: [UInt8] = []
        text.reserveCapacity((4 * count + 2) / 3)
        var (bits, width) = (0 as UInt32, 0)
        for byte in self {
            bits = bits << 8 | UInt32(byte)
            width += 8
            while width >= 6 {
                width -= 6
                text.append(UInt8(base64Digit: UInt8(truncatingIfNeeded: bits >> width) & 63))
            }
        }
        if width > 0 {
            text.append(UInt8(base64Digit: UInt8(truncatingIfNeeded: bits << (6 - width)) & 63))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that base64url stands for.
    ///
    /// - Returns: `nil` for what ``base64URL`` does not write so, such as bits past the last byte.
    public var base64URLDecoded: [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 * count / 4)
        var (bits, width) = (0 as UInt32, 0)
        for byte in self {
            guard let value = byte.base64Value else { return nil }
            bits = bits << 6 | UInt32(value)
            width += 6
            if width >= 8 {
                width -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> width))
            }
        }
        let rest = bits & (1 << width - 1)
        return width < 6 && rest == 0 ? bytes : nil
    }
}

extension UInt8 {
    /// The digit of 0 to 63.
    fileprivate init(base64Digit value: UInt8) {
        self =
            switch value {
            case 0..<26: UInt8(ascii: "A") + value
            case 26..<52: UInt8(ascii: "a") + value - 26
            case 52..<62: UInt8(ascii: "0") + value - 52
            case 62: UInt8(ascii: "-")
            default: UInt8(ascii: "_")
            }
    }

    fileprivate var base64Value: UInt8? {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): self - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): self - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
