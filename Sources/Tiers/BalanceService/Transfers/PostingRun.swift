import Chain
import Ledger
import Logging

/// Posts a batch as ``PostingSteps`` decides, until each of its groups has a result.
struct PostingRun {
    private let transactions: any PostingTransactions
    private let logger: Logger
    private var steps: PostingSteps

    init(
        _ groups: [PostingGroup], transactions: any PostingTransactions,
        keptLocked: KeptLocked = KeptLocked(), logger: Logger
    ) {
        self.transactions = transactions
        self.logger = logger
        steps = PostingSteps(groups, keptLocked: keptLocked)
    }

    /// The results of some groups, in order; nil while one of them has none.
    func results(of groups: Range<Int>) -> [GroupResult]? { steps.results(of: groups) }

    /// - Returns: A result for each group, in order.
    mutating func run() async -> [GroupResult] {
        while await advance() {}
        return steps.results.map { $0 ?? .outcomeUnknown }
    }

    /// Goes one step on.
    ///
    /// - Returns: false when there was none: each group has a result.
    @discardableResult
    mutating func advance() async -> Bool {
        switch steps.next(at: .now) {
        case .done: return false
        case .pause(let longest):
            try? await Task.sleep(for: longest * Double.random(in: 0.5...1))
        case .post(let attempt): await post(attempt)
        }
        return true
    }

    private mutating func post(_ attempt: PostingSteps.Attempt) async {
        do {
            let posted =
                attempt.waits
                ? try await transactions.post(attempt.batch, deadline: attempt.deadline)
                : try await transactions.postFree(attempt.batch, deadline: attempt.deadline)
            steps.posted(attempt, posted)
        } catch {
            let cause: Logger.Metadata = ["cause": .string(String(reflecting: error))]
            logger.debug("posting failed", metadata: cause)
            let isHopeless = steps.failed(
                attempt, PostingFailure(error), error, at: .now, isEnding: Task.isCancelled)
            if isHopeless { logger.error("a transfer cannot be posted", metadata: cause) }
        }
    }
}
