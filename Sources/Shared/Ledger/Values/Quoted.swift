/// A text from outside, made fit for a one-line message: in quotes, at most 40 characters, and with
/// everything but printable ASCII escaped, so that a terminal obeys nothing in it.
func quoted(_ text: some StringProtocol) -> String {
    var result = "'"
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == 40 { return result + "…'" }
        let isPrintable = scalar.isASCII && scalar.value >= 0x20 && scalar.value < 0x7F
        result += isPrintable ? String(scalar) : scalar.escaped(asASCII: true)
    }
    return result + "'"
}
