/// Where a page of a statement ends. Opaque to callers, so that it may change; not secret.
struct StatementToken: Sendable, Equatable {
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
        guard let values = TokenText.values(in: text, "s", count: 3), values[2] <= values[1]
        else { return nil }
        self.init(account: values[0], upper: values[1], last: values[2])
    }

    var text: String { TokenText.text("s", [account, upper, last]) }
}
