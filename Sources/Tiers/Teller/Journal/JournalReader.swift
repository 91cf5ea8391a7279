import BankAPI

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A line of the journal that says nothing.
struct JournalDamage: Sendable, Hashable {
    /// From 1.
    var line: Int
    /// Whether it has no end: its writer was stopped in the middle, or the disk lost the rest.
    var isUnfinished: Bool
}

/// Reads the journal a piece at a time. The calls block.
struct JournalReader {
    /// The longest line that is taken for one.
    static let longestLine = 4 << 20

    private let beginning: [UInt8]
    private let body: (JournalEntry) -> Void
    private var line: [UInt8] = []
    private var number = 1
    private var damage: [JournalDamage] = []

    private init(_ beginning: String, _ body: @escaping (JournalEntry) -> Void) {
        self.beginning = Array(beginning.utf8)
        self.body = body
    }

    /// Passes on each entry, in order, of all that was whole when no process was appending.
    ///
    /// - Parameter beginning: lines that begin otherwise are passed over.
    /// - Returns: the invalid lines; `nil` when another process is appending, and nothing
    ///   was read.
    static func read(
        _ path: String, only beginning: String, _ body: (JournalEntry) -> Void
    ) throws(JournalFailure) -> [JournalDamage]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            guard errno == ENOENT else { throw .system(errno) }
            return []
        }
        defer { close(file) }
        guard flock(file, LOCK_SH | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw .system(errno) }
            return nil
        }
        let size = try JournalFile.size(of: file)
        // What is there by now stays as it is, so others may append while it is read.
        flock(file, LOCK_UN)
        // Who wrote the last lines may have been killed before the disk had them: what is acted on lasts.
        do throws(JournalFailure) {
            try JournalFile.sync(file)
        } catch .system(let number) where [EINVAL, EROFS].contains(number) {
            // Nothing is written there, as in an archive that is mounted.
        }
        return try withoutActuallyEscaping(body) { body throws(JournalFailure) in
            var reader = JournalReader(beginning, body)
            try reader.take(file, size: Int(size))
            return reader.damage
        }
    }

    private mutating func take(_ file: Int32, size: Int) throws(JournalFailure) {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        var rest = size
        while rest > 0 {
            let count = try Self.read(file, &chunk)
            guard count > 0 else { break }
            take(chunk[..<min(count, rest)])
            rest -= min(count, rest)
        }
        // The next append ends it; a whole entry says the same before that and after.
        if !line.isEmpty { finishLine(isUnfinished: true) }
    }

    private static func read(
        _ file: Int32, _ chunk: inout [UInt8]
    ) throws(JournalFailure) -> Int {
        do throws(SystemError) {
            return try DescriptorIO.read(file, into: &chunk)
        } catch {
            throw .system(error.number)
        }
    }

    private mutating func take(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            line += rest[..<end]
            finishLine()
            rest = rest[(end + 1)...]
        }
        // More of a line that is too long changes nothing.
        if line.count <= Self.longestLine { line += rest }
    }

    private mutating func finishLine(isUnfinished: Bool = false) {
        defer {
            line.removeAll(keepingCapacity: true)
            number += 1
        }
        guard line.starts(with: beginning) else { return }
        guard line.count <= Self.longestLine,
            let entry = try? BankJSON.decoder().decode(JournalEntry.self, from: Data(line))
        else {
            damage.append(JournalDamage(line: number, isUnfinished: isUnfinished))
            return
        }
        body(entry)
    }
}
