import Foundation
import Testing

@testable import Bytes

@Suite struct Base64URLTests {
    /// As Foundation has it, but for two digits and the padding.
    @Test func isFoundationsInTheURLsAlphabet() {
        for count in 0...40 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255) }
            let expected = Data(bytes).base64EncodedString().replacingOccurrences(
                of: "+", with: "-"
            )
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
            #expect(bytes.base64URL == expected)
            #expect(expected.utf8.base64URLDecoded == bytes)
        }
    }

    @Test(arguments: ["A", "AB", "AAB", "A A", "AA==", "A+", "A/", "é", "AAAAA"])
    func refusesWhatIsNotWrittenSo(text: String) {
        #expect(text.utf8.base64URLDecoded == nil)
    }
}
