extension String {
    /// The digits that it begins with, and the rest: by bytes, as a mark makes a digit another
    /// Character.
    var digitsAndUnit: (digits: String, unit: String) {
        let end = utf8.firstIndex { !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0) } ?? endIndex
        return (
            String(decoding: utf8[..<end], as: UTF8.self),
            String(decoding: utf8[end...], as: UTF8.self)
        )
    }
}
