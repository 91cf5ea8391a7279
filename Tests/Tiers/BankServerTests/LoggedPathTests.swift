import Testing

@testable import BankServer

/// What of a path is in the log.
@Suite struct LoggedPathTests {
    @Test(
        arguments: [
            ("/v1/accounts/XB45DEMO0000000017/balance", "/v1/accounts/*0017/balance"),
            ("/v1/accounts/XB45%20DEMO%200000%200000%2017", "/v1/accounts/*2017"),
            ("/V1/accounts/xb45demo0000000017/?at=2026", "/V1/accounts/*0017/"),
            ("/v1/sessions/tlr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/v1/sessions/*AAAA"),
            (
                "/v1/transfers/01a210bf-1879-73d3-8174-57e3c5382862",
                "/v1/transfers/01a210bf-1879-73d3-8174-57e3c5382862"
            ),
            ("/v1/security-log", "/v1/security-log"), ("/v1/users/alice/disable", nil),
            ("/", nil), ("//a", nil), ("*", nil), ("", nil),
        ])
    func hasNoWholeAccountAndNoToken(path: String, logged: String?) {
        #expect(RequestTarget(path).loggedPath == logged ?? path)
    }

    @Test func isBounded() {
        let path = String(repeating: "/é", count: 1000)
        #expect(RequestTarget(path).loggedPath == String(repeating: "/é", count: 66) + "/\u{fffd}")
    }
}
