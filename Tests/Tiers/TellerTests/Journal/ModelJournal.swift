import Ledger
import TestSupport

@testable import Teller

/// A process was killed.
struct Killed: Error {}

/// The journal in memory, with what a disk forgets and the locks beside it.
struct ModelJournal {
    private enum Line {
        case entry(JournalEntry)
        /// A line whose writer was killed in the middle of it.
        case torn(isFile: Bool)
    }

    private var lines: [Line]
    /// How many lines the disk has for sure.
    private var durable = 0
    private var locks: [Identifier: Int] = [:]

    init(_ entries: [JournalEntry]) {
        lines = entries.map { .entry($0) }
        durable = lines.count
    }

    // MARK: Reading

    /// What is read is on the disk from then on.
    mutating func sync() { durable = lines.count }

    var entries: [JournalEntry] {
        lines.compactMap { line in
            if case .entry(let entry) = line { entry } else { nil }
        }
    }

    var pending: [PendingWrites.Write] {
        var pending = PendingWrites()
        for entry in entries { pending.take(entry) }
        return pending.all
    }

    var runs: [JournalledFile] {
        entries.compactMap { entry in
            if case .file(let file) = entry { file } else { nil }
        }
    }

    /// Of lines that may be of files.
    var damage: [JournalDamage] {
        lines.indices.compactMap { index in
            guard case .torn(isFile: true) = lines[index] else { return nil }
            return JournalDamage(line: index + 1, isUnfinished: index == lines.count - 1)
        }
    }

    // MARK: Writing

    /// - Returns: why it did not take them.
    /// - Throws: when the process is killed meanwhile.
    mutating func append(
        _ entries: [JournalEntry], isCalm: Bool, _ random: inout SeededGenerator
    ) throws(Killed) -> JournalFailure? {
        let fate = isCalm ? 99 : random.number(0...99)
        switch fate {
        case 0..<3: return .system(28)
        case 3..<4:
            lines += entries.map { .entry($0) }
            return .leftOver(5)
        case 4..<10:
            let whole = random.number(0...entries.count)
            lines += entries.prefix(whole).map { .entry($0) }
            if whole < entries.count, random.chance(50) {
                let isFile = if case .file = entries[whole] { true } else { false }
                lines.append(.torn(isFile: isFile))
            }
            throw Killed()
        default:
            lines += entries.map { .entry($0) }
            if entries.contains(where: \.mustLast) { durable = lines.count }
            return nil
        }
    }

    /// The machine loses its power, and with it some of what the disk need not have.
    mutating func losePower(_ random: inout SeededGenerator) {
        lines = Array(lines.prefix(random.number(durable...lines.count)))
        durable = lines.count
        locks = [:]
    }

    /// A person takes out what cannot be read.
    mutating func repair() {
        lines = entries.map { .entry($0) }
        durable = lines.count
    }

    // MARK: Locks

    /// - Returns: those that nobody else holds.
    mutating func lock(_ names: [Identifier], by process: Int) -> Set<Identifier> {
        let free = names.filter { locks[$0, default: process] == process }
        for name in free { locks[name] = process }
        return Set(free)
    }

    mutating func release(by process: Int) { locks = locks.filter { $0.value != process } }
}
