import Ledger

/// How a file of transfers is run again without doing anything twice.
struct FileRepetition: Sendable, Hashable {
    /// The first of the ids that its lines were given; `nil` when each has one of its own.
    var base: Identifier?

    /// For a person whose run stopped early.
    var advice: String {
        guard let base else { return "the same file again goes on, and does nothing twice" }
        return "the same file again with --id \(base) goes on, and does nothing twice"
    }

    /// For a person whose run begins, and may be killed.
    var announcement: String? {
        base.map {
            "teller: the ids count up from \($0): the same file again with --id \($0) does "
                + "nothing twice"
        }
    }
}
