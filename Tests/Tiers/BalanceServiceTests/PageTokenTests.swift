import Testing

@testable import BalanceService

struct PageTokenTests {
    @Test(arguments: [0, 1, 35, 36, 9_999_999_999] as [Int64])
    func comesBack(_ id: Int64) {
        #expect(PageToken(PageToken(lastID: id).text) == PageToken(lastID: id))
    }

    @Test(arguments: [
        "", "a", "b1", "a-1", "a+1", "a01", "aA", "a 1", "a1 ", "azzzzzzzzzzzzzzzzz", "é",
    ])
    func isRefused(_ text: String) {
        #expect(PageToken(text) == nil)
    }

    /// What joins with the character before it is no part of a token, wherever it stands.
    @Test(arguments: ["\u{301}", "\u{FE0F}", "\u{200D}", "\u{0}", "٣"])
    func nothingForeignIsRead(foreign: String) {
        let tokens = [
            PageToken(lastID: 1017).text, StatementToken(account: 17, upper: 40, last: 36).text,
        ]
        for token in tokens {
            for place in 0...token.count {
                let text = String(token.prefix(place) + foreign + token.dropFirst(place))
                #expect(PageToken(text) == nil && StatementToken(text) == nil)
            }
        }
    }
}
