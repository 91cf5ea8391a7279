/// Where a page of accounts ends: the last account's number. Opaque to callers, so that it may
/// change; not secret.
struct PageToken: Sendable, Equatable {
    private static let prefix = "a"

    /// The ten digits of the last account's number on the page before.
    var lastID: Int64

    init(lastID: Int64) {
        self.lastID = lastID
    }

    /// - Returns: `nil` when the text is no token that this service made.
    init?(_ text: String) {
        guard text.utf8.starts(with: Self.prefix.utf8), text.utf8.count <= 12,
            let value = Int64(Substring(text.utf8.dropFirst()), radix: 36), value >= 0,
            Self(lastID: value).text.utf8.elementsEqual(text.utf8)
        else { return nil }
        lastID = value
    }

    var text: String { Self.prefix + String(lastID, radix: 36) }
}
