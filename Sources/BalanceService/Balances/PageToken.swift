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
        guard text.hasPrefix(Self.prefix), text.utf8.count <= 12,
            let value = Int64(text.dropFirst(Self.prefix.count), radix: 36), value >= 0,
            Self(lastID: value).text == text
        else { return nil }
        lastID = value
    }

    var text: String { Self.prefix + String(lastID, radix: 36) }
}
