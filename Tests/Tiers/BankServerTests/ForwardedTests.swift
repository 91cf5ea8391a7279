import Chain
import NIOHTTP1
import Testing

@testable import BankServer

/// Where a request comes from, when a proxy brings it.
@Suite struct ForwardedTests {
    @Test(
        arguments: [
            (["for=192.0.2.60;proto=http;by=203.0.113.43"], "192.0.2.60"),
            (["For=\"192.0.2.60:4711\""], "192.0.2.60"),
            (["for=\"[2001:DB8:cafe::17]:4711\""], "2001:db8:cafe::17"),
            (["proto=https;for=\"[2001:db8::1]\""], "2001:db8::1"),
            (["for=\"[::ffff:192.0.2.1]\""], "192.0.2.1"),
            (["for=10.0.0.1, for=192.0.2.43 , for=198.51.100.17 "], "198.51.100.17"),
            (["for=10.0.0.1", "by=x; for=198.51.100.17"], "198.51.100.17"),
            (["for=\"\\1\\92.0.2.1\""], "192.0.2.1"),
            (["x=\"a, b;for=10.0.0.1\";for=192.0.2.1"], "192.0.2.1"),
            // What its sender left open does not reach into what the proxy adds in a field of its own.
            (["x=\"", "for=192.0.2.1"], "192.0.2.1"),
        ])
    func namesWhomTheLastProxyAskedFor(fields: [String], source: String) {
        #expect(Forwarded.source(HTTPHeaders(fields.map { ("Forwarded", $0) })) == source)
    }

    @Test(arguments: [
        "", "for", "for=", "for=unknown", "for=_hidden", "for=\"_hidden:80\"", "for=localhost",
        "for=192.0.2.1:80", "for=[2001:db8::1]", "for=\"2001:db8::1\"", "for=\"[2001:db8::1\"",
        "for=\"[192.0.2.1]\"", "for=\"192.0.2.1:99999\"", "for=192.0.2", "for=192.0.2.1 x",
        "for=192.0.2.1;for=192.0.2.2", "for=192.0.2.1,", "for=192.0.2.1, by=192.0.2.2",
        "for=192.0.2.1;=x", "for=192.0.2.1;x=\"", "for=\"192.0.2.1", "for=\"192.0.2.1\\",
        "for=\"192.0.2.1\u{0}\"", "192.0.2.1", "for==192.0.2.1",
        "for=10.0.0.1;x=\", for=\"[2001:db8::1]\"", "for=10.0.0.1;x=\", for=192.0.2.1",
    ])
    func namesNobodyWhereItIsNotWellFormed(field: String) {
        #expect(Forwarded.source(HTTPHeaders([("forwarded", field)])) == nil)
    }

    @Test func onlyProxiesThatAreNamedAreBelieved() {
        var configuration = AppConfiguration(
            listen: HostAndPort(host: "127.0.0.1", port: 0), balanceServices: [])
        let headers = HTTPHeaders([("Forwarded", "for=192.0.2.60")])
        func source(_ peer: String?) -> String? {
            RequestSources(configuration).source(peer, headers)
        }
        #expect(source("10.0.0.1") == "10.0.0.1")
        #expect(source(nil) == nil)
        configuration.isPlaintext = true
        #expect(source("10.0.0.1") == nil)
        for isPlaintext in [true, false] {
            configuration.isPlaintext = isPlaintext
            configuration.proxies = ["10.0.0.1", "2001:db8::7"]
            #expect(source("10.0.0.1") == "192.0.2.60")
            #expect(source("::ffff:10.0.0.1") == "192.0.2.60")
            #expect(source("2001:db8::7") == "192.0.2.60")
            #expect(source("10.0.0.2") == "10.0.0.2")
            #expect(RequestSources(configuration).source("10.0.0.1", [:]) == nil)
            #expect(source(nil) == nil)
        }
    }
}
