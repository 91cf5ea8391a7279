import Foundation
import Ledger
import Synchronization
import TestSupport

/// What the callers at the command line asked, and how their commands ended.
final class CommandHistory: Sendable {
    enum Outcome: Sendable, Hashable {
        case done
        case refused
        /// Said to be unknown, or killed.
        case unknown
        /// Any other exit status: nothing was done.
        case notDone(Int32)
    }

    struct Entry: Sendable {
        let request: TransferRequest
        var outcome = Outcome.unknown
    }

    private let entries = Mutex<[Identifier: Entry]>([:])

    var all: [Identifier: Entry] { entries.withLock { $0 } }

    func record(_ request: TransferRequest, _ outcome: Outcome = .unknown) {
        entries.withLock { $0[request.id] = Entry(request: request, outcome: outcome) }
    }
}

/// Transfers by the real `teller`, with a journal of its own; some are killed at any instant.
struct TellerWorker {
    let bank: TellerBank
    let history: CommandHistory
    private var workload: Workload
    private var random: SeededGenerator

    init(_ bank: TellerBank, _ workload: Workload, _ history: CommandHistory) {
        self.bank = bank
        self.history = history
        self.workload = workload
        random = self.workload.random.fork()
    }

    mutating func run(until stop: Flag) async throws {
        while !stop.isRaised {
            let request = workload.request()
            guard case .transfer(let debit, let credit, let amount) = request.action else {
                continue
            }
            history.record(request)
            var words = ["transfer", amount.decimalString, debit.compact, credit.compact]
            if let memo = request.memo { words += ["--memo", "\(memo)"] }
            words += ["--id", "\(request.id)", "--timeout", "2s"]
            let kill = random.chance(40) ? random.milliseconds(0...60) : nil
            let status = try await bank.run(words, killAfter: kill)
            history.record(request, Self.outcome(status))
        }
    }

    private static func outcome(_ status: Int32?) -> CommandHistory.Outcome {
        switch status {
        case 0: .done
        case 1: .refused
        case 2, nil: .unknown
        case .some(let status) where status > 128: .unknown
        case .some(let status): .notDone(status)
        }
    }
}

/// `teller` with a folder for its journal.
struct TellerBank: Sendable {
    let server: String
    let folder: String

    /// - Parameter killAfter: when it is killed -9, unless it has ended; nil: never.
    /// - Returns: as ``ChildProcess/exitStatus``; nil when it did not end in time.
    func run(_ words: [String], killAfter: Duration? = nil) async throws -> Int32? {
        let process = try start(words)
        defer {
            process.stop()
            try? FileManager.default.removeItem(atPath: process.log)
        }
        if let killAfter {
            try await Task.sleep(for: killAfter)
            process.send(SIGKILL)
        }
        return try await process.waitForExit(within: .seconds(20))
    }

    /// Runs a command to its end.
    func output(_ words: String...) async throws -> (status: Int32?, output: String) {
        let process = try start(words)
        defer {
            process.stop()
            try? FileManager.default.removeItem(atPath: process.log)
        }
        return (try await process.waitForExit(within: .seconds(60)), process.output)
    }

    private func start(_ words: [String]) throws -> ChildProcess {
        try ChildProcess(
            [Executables.teller] + words,
            environment: [
                "TELLER_SERVER": server, "XDG_STATE_HOME": folder, "HOME": folder,
            ].merging(ChainHarness.tellerToken) { given, _ in given },
            log: "\(folder)/teller-\(UUID().uuidString)")
    }
}
