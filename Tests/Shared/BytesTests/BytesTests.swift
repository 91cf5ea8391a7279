import Bytes
import Testing

@Suite struct BytesTests {
    @Test(
        arguments: [
            ("plain", "plain"), ("a%20b", "a b"), ("%E6%97%a5", "日"), ("%", nil), ("%2", nil),
            ("%zz", nil), ("%ff", nil), ("", ""),
        ] as [(String, String?)])
    func decodesPercents(text: String, expected: String?) {
        #expect(text[...].percentDecoded == expected)
    }

    @Test func encodesPercents() {
        #expect("aZ9-._~/ &=%é\n".percentEncoded == "aZ9-._~%2F%20%26%3D%25%C3%A9%0A")
    }

    @Test func writesAndReadsHexadecimal() {
        #expect(UInt8(0x0A).hexadecimal == "0a")
        #expect(UInt16(0x1B).hexadecimal == "001b")
        #expect(UInt128(0xFEDC_BA98_7654_3210).hexadecimal == "0000000000000000fedcba9876543210")
        for byte in UInt8.min ... .max {
            let digit = String(decoding: [byte], as: UTF8.self)
            #expect(byte.hexDigitValue == UInt8(digit, radix: 16))
        }
    }
}
