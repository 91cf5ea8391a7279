import BankAPI
import NIOHTTP1

/// The bounds of what a request of hop 1 carries.
struct RequestLimits: Sendable {
    /// The longest path with its query.
    var pathBytes = 2048
    /// The longest body, but for lists.
    var bodyBytes = 64 * 1024
    /// The longest body that is a list.
    var listBytes = 1024 * 1024

    func checkPath(_ head: HTTPRequestHead) throws(Problem) {
        guard head.uri.utf8.count <= pathBytes else {
            throw Problem(
                .pathTooLong, detail: "A path may have \(pathBytes) bytes, with its query.")
        }
        guard head.uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .invalid("A path has no characters but ASCII's: others are percent-encoded.")
        }
    }

    /// The largest body, in bytes.
    func body(of route: MatchedRoute?) -> Int {
        route?.takesLists == true ? listBytes : bodyBytes
    }
}
