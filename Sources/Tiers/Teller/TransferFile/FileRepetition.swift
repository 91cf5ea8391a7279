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
            ? "\(again) with --atomic does all of it or none, and nothing twice"
            : "\(again) goes on, and does nothing twice"
    }

    /// For a person who gives a file that was begun with another base.
    static func warning(_ steps: FileSteps) -> String? {
        guard let given = steps.given, let earlier = steps.earlier, earlier.base != given else {
            return nil
        }
        return
            "teller: this file was begun on \(earlier.time.forPeople) with --id \(earlier.base); "
            + "with --id \(given) all of it is done anew"
    }

    /// For a person whose run begins, and may be killed.
    func beginning(_ steps: FileSteps) -> String? {
        if let earlier = steps.continued {
            return reminder(start: earlier.time, end: steps.recorded?.end)
        }
        guard steps.given == nil else { return nil }
        return base.map { base in
            "teller: the ids count up from \(base): \(again) does nothing twice, with "
                + "\(isAtomic ? "--atomic " : "")--id \(base) also without this journal"
        }
    }

    /// For a person who gives a file again.
    ///
    /// - Parameters:
    ///   - start: when it was begun.
    ///   - end: when the last of it was answered, if all of it was, and whether all was done.
    func reminder(start: Timestamp, end: RecordedSteps.End?) -> String {
        guard let end else {
            return
                "teller: this file was begun on \(start.forPeople), and goes on; --again would do "
                + "all of it anew"
        }
        let when = "on \(end.time.forPeople)"
        return switch end.done {
        case .all:
            "teller: this file was done \(when), and is not done again; --again would do it anew"
        case .some:
            "teller: this file was answered \(when), and what was refused stays refused: send it in "
                + "a file of its own; --again would do all of it anew"
        case .none:
            "teller: this file was refused \(when), and stays so; --again asks for it anew"
        }
    }

    private var again: String { "the same file again, unchanged," }
}
