import Testing

@testable import BankClient

@Suite struct BankAddressTests {
    @Test(arguments: [
        ("http://localhost", "http://localhost:80"),
        ("https://bank.example/", "https://bank.example:443"),
        ("HTTP://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://[::1]:9", "http://[::1]:9"),
        ("http://[::1]", "http://[::1]:80"), ("https://a-b_c.d:65535/", "https://a-b_c.d:65535"),
    ])
    func reads(text: String, address: String) throws {
        #expect(try BankAddress(text, source: .init(rawValue: "test")).description == address)
    }

    @Test(arguments: [
        ("", BankAddressError.noScheme), ("localhost:8080", .noScheme), ("http:/x", .noScheme),
        ("ftp://x", .otherScheme), ("unix:///x", .otherScheme), ("http://u:p@x", .hasCredentials),
        ("http://u:p@\u{301}x", .hasCredentials), ("http://x/\u{301}y", .hasPath),
        ("http://x/bank", .hasPath), ("http://x?y", .hasPath), ("http://x#y", .hasPath),
        ("http://", .noHostAndPort), ("http://:80", .noHostAndPort), ("http://x:", .noHostAndPort),
        ("http://x:0", .noHostAndPort), ("http://x:65536", .noHostAndPort),
        ("http://x y", .noHostAndPort), ("http://::1", .noHostAndPort),
        ("http://x\r\nHost: y", .noHostAndPort), ("http://bänk", .noHostAndPort),
    ])
    func refuses(text: String, error: BankAddressError) {
        #expect(throws: error) { try BankAddress(text, source: .init(rawValue: "test")) }
    }
}
