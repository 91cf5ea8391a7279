import Bytes

extension String {
    /// The digits that it begins with, and the rest: by bytes, as a mark makes a digit another
    /// Character.
    var digitsAndUnit: (digits: String, unit: String) {
        let end = utf8.firstIndex { !$0.isASCIIDigit } ?? endIndex
        return (
            String(decoding: utf8[..<end], as: UTF8.self),
            String(decoding: utf8[end...], as: UTF8.self)
        )
    }
}
