import Foundation
import Ledger
import Testing

/// Tests with processes and loads: one after another.
@Suite(.serialized)
enum ChainTests {}

/// Writes a line to standard error, which nobody keeps back until the end.
func report(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
}

/// The compact number of one of the demo bank's accounts.
func account(_ number: Int64) throws -> String {
    try AccountNumber(bank: "DEMO", number: number).compact
}
