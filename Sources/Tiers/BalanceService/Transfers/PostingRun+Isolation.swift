import Logging

extension PostingRun {
    /// Finds the group that makes the others fail, by halves, so that only it is told so.
    mutating func isolate(_ open: [Int], _ error: any Error) async {
        guard open.count > 1 else {
            logger.error(
                "a transfer cannot be posted",
                metadata: ["cause": .string(String(reflecting: error))])
            return settle(open, notDone(.failed))
        }
        for half in [open.prefix(open.count / 2), open.dropFirst(open.count / 2)] {
            // Not those that one in the first half holds up.
            let half = half.filter { results[$0] == nil }
            var run = PostingRun(
                groups.picked(half), transactions: transactions, keptLocked: keptLocked,
                settleBy: settleBy, logger: logger)
            for (index, result) in zip(half, await run.run()) { settle(index, result) }
        }
    }
}
