import Ledger

/// How a file of transfers is run again without doing anything twice.
struct FileRepetition: Sendable, Hashable {
    /// What the ids were counted up from that its lines were given; `nil` when each has one of its
    /// own.
    var base: Identifier?
    /// Whether all of the file is done, or none.
    var isAtomic: Bool

    /// For a person whose run stopped early.
    var advice: String {
        isAtomic
            ? "\(again) does all of it or none, and nothing twice"
            : "\(again) goes on, and does nothing twice"
    }

    /// For a person whose run begins, and may be killed.
    var announcement: String? {
        base.map { "teller: the ids count up from \($0): \(again) does nothing twice" }
    }

    private var again: String {
        let options = [isAtomic ? "--atomic" : nil, base.map { "--id \($0)" }].compactMap(\.self)
        let file = "the same file again, unchanged,"
        return options.isEmpty ? file : "\(file) with \(options.joined(separator: " "))"
    }
}
