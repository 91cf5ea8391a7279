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
}
