import ArgumentParser
import Ledger

/// Which entries a statement is about: from one time on and before another.
struct StatementPeriod: Sendable, Hashable {
    var from: Timestamp?
    var to: Timestamp?

    /// - Parameters:
    ///   - from: a day, from its first moment on, or a time.
    ///   - to: a day, with all of it, or a time, and what came before it.
    /// - Throws: `ValidationError` for what is no time, and for a period without any.
    init(from: String?, to: String?) throws {
        let first = try Self.parse(from, "--from")
        let last = try Self.parse(to, "--to")
        self.from = first?.start
        self.to = last?.end
        guard let start = self.from, let end = self.to, start >= end else { return }
        throw ValidationError("--from: the period ends at --to, before it begins")
    }

    private static func parse(_ text: String?, _ name: String) throws -> TimeArgument? {
        guard let text else { return nil }
        do throws(TimeArgumentError) {
            return try TimeArgument(text)
        } catch {
            throw ValidationError("\(name): \(error)")
        }
    }
}
