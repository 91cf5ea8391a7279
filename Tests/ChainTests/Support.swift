import Foundation
import Ledger
import Synchronization
import Testing

/// Tests with processes and loads: one after another.
@Suite(.serialized)
enum ChainTests {}

/// Tells the tasks of a test to come to their end.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .acquiring) }

    func raise() {
        value.store(true, ordering: .releasing)
    }
}

/// Writes a line to standard error, which nobody keeps back until the end.
func report(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
}

/// Waits for a condition, looking again and again.
func eventually(
    within bound: Duration = .seconds(30), _ condition: () async throws -> Bool
) async throws -> Bool {
    let end = ContinuousClock.now + bound
    repeat {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(20))
    } while ContinuousClock.now < end
    return false
}

/// The compact number of one of the demo bank's accounts.
func account(_ number: Int64) throws -> String {
    try AccountNumber(bank: "DEMO", number: number).compact
}

struct ChainError: Error, CustomStringConvertible {
    let description: String
}
