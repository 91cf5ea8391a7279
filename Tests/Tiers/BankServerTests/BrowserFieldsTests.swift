import NIOHTTP1
import Testing

@testable import BankServer

/// No browser takes an answer for a page, or for a part of one.
@Suite struct BrowserFieldsTests {
    @Test(.bank, arguments: ["/v1/bank", "/healthz", "/openapi.yaml", "/v1/nothing"])
    func areInEachAnswer(path: String) async throws {
        let answer = try await bank.get(path)
        #expect(answer["x-content-type-options"] == "nosniff")
        #expect(answer["cross-origin-resource-policy"] == "same-origin")
        #expect(answer["content-security-policy"]?.contains("frame-ancestors 'none'") == true)
        #expect(answer["access-control-allow-origin"] == nil)
    }

    @Test(.bank) func areInTheAnswerToWhatIsNoRequest() async throws {
        let answer = try await bank.exchange("nonsense\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.contains("\r\nx-content-type-options: nosniff\r\n"))
    }

    /// On plain HTTP, browsers take no notice of it.
    @Test func tlsStaysTLS() {
        let name = "strict-transport-security"
        #expect(BrowserFields.all(isByTLS: true).first(name: name) == "max-age=31536000")
        #expect(!BrowserFields.all(isByTLS: false).contains(name: name))
    }
}
