import Ledger
import TestSupport

extension BankTest {
    /// All callers and readers at once, and one fault after another.
    mutating func load(
        _ history: History, _ commands: CommandHistory, _ teller: TellerBank
    ) async throws {
        let (stop, subjects, violations) = (Flag(), Subjects(), violations)
        let (address, database) = (bank.address, bank.database)
        let workers = (0..<settings.workers).map { _ in
            BankWorker(
                address, workload(subjects, random.fork()), history: history,
                violations: violations)
        }
        let tellers = (0..<settings.commands).map { _ in
            TellerWorker(teller, workload(subjects, random.fork()), commands)
        }
        let watcher = BalanceWatcher(
            address, limits: limits, random: random.fork(), violations: violations)
        var plan = random.fork()
        let (faults, reads) = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in workers {
                group.addTask {
                    var worker = worker
                    try await worker.run(until: stop)
                    return 0
                }
            }
            for worker in tellers {
                group.addTask {
                    var worker = worker
                    try await worker.run(until: stop)
                    return 0
                }
            }
            group.addTask {
                var watcher = watcher
                try await watcher.run(until: stop)
                return 0
            }
            group.addTask {
                var reader = StateReader(database, violations)
                return try await reader.run(until: stop)
            }
            defer { stop.raise() }
            let faults = try await strike(&plan)
            stop.raise()
            return (faults, try await group.reduce(0, +))
        }
        tally.reads += reads
        for fault in faults { tally.faults[fault, default: 0] += 1 }
    }

    /// Each fault in turn, most of them when the one before is overcome, until the time is up.
    /// - Returns: their names.
    private func strike(_ plan: inout SeededGenerator) async throws -> [String] {
        let end = ContinuousClock.now + settings.time
        var struck: [String] = []
        var coming: [Fault] = []
        while true {
            try await Task.sleep(for: plan.milliseconds(settings.pauses))
            let isEnough = settings.endsEarly && !violations.all.isEmpty
            guard ContinuousClock.now < end, !isEnough else { return struck }
            if coming.isEmpty { coming = bank.faults.shuffled(using: &plan) }
            guard let fault = coming.popLast() else { continue }
            try await fault.strike(plan.milliseconds(settings.outages))
            struck.append(fault.name)
            if plan.chance(80) {
                try? await eventually(within: .seconds(5)) { try await bank.isWhole() }
            }
        }
    }
}
