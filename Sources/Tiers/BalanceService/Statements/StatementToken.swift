/// Where a page of a statement ends. Opaque to callers, so that it may change; not secret.
struct StatementToken: Sendable, Equatable {
    private static let prefix = "s"

    /// The ten digits of the account number.
    var account: Int64
    /// The account's version when the first page was read: what is newer is in no page.
    var upper: Int64
    /// The version of the page's last entry.
    var last: Int64

    init(account: Int64, upper: Int64, last: Int64) {
        self.account = account
        self.upper = upper
        self.last = last
    }

    /// - Returns: `nil` when the text is no token that this service made.
    init?(_ text: String) {
        guard text.utf8.starts(with: Self.prefix.utf8), text.utf8.count <= 40 else { return nil }
        let parts = text.utf8.dropFirst().split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let values = parts.compactMap { Int64(Substring($0), radix: 36) }
        guard parts.count == 3, values.count == 3, values.allSatisfy({ $0 >= 0 }) else {
            return nil
        }
        self.init(account: values[0], upper: values[1], last: values[2])
        guard last <= upper, self.text.utf8.elementsEqual(text.utf8) else { return nil }
    }

    var text: String {
        Self.prefix
            + [account, upper, last].map { String($0, radix: 36) }.joined(separator: ".")
    }
}
