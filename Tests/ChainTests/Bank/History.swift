import Ledger
import Synchronization

/// What was asked of the bank, and all that it answered.
final class History: Sendable {
    struct Entry: Sendable {
        let request: TransferRequest
        /// The ids of an all-or-nothing group, else none.
        let linked: [Identifier]
        var answers: [Answer] = []

        /// The first definite answer; nil when there is none.
        var settled: Answer? { answers.first(where: \.isDefinite) }

        /// Whether a try may have been done that nothing definite was heard of.
        var isUnknown: Bool {
            settled == nil
                && answers.contains { if case .notDone = $0 { false } else { true } }
        }
    }

    private let entries = Mutex<[Identifier: Entry]>([:])

    var all: [Identifier: Entry] { entries.withLock { $0 } }

    /// Writes down what is about to be sent; a repeat changes nothing.
    func intend(_ submission: Submission) {
        let linked = submission.isAtomic ? submission.requests.map(\.id) : []
        entries.withLock { entries in
            for request in submission.requests where entries[request.id] == nil {
                entries[request.id] = Entry(request: request, linked: linked)
            }
        }
    }

    func record(_ answers: [Answer], to submission: Submission) {
        entries.withLock { entries in
            for (request, answer) in zip(submission.requests, answers) {
                entries[request.id]?.answers.append(answer)
            }
        }
    }

    /// What is unknown, each as a submission that asks for it again.
    func unknown() -> [Submission] {
        let all = all
        var taken: Set<Identifier> = []
        return all.values.filter(\.isUnknown).compactMap { entry in
            guard taken.insert(entry.request.id).inserted else { return nil }
            taken.formUnion(entry.linked)
            return submission(of: entry, in: all)
        }
    }

    /// As it was sent, but a batch of requests that are not linked is sent one by one.
    func submission(of entry: Entry, in all: [Identifier: Entry]) -> Submission {
        guard !entry.linked.isEmpty else { return Submission(requests: [entry.request]) }
        return Submission(
            requests: entry.linked.compactMap { all[$0]?.request }, isBatch: true, isAtomic: true)
    }
}
