import Foundation
import TestSupport

/// What sql/audit.sql says of one invariant.
struct Invariant {
    var name: String
    var counted: Int
    var broken: Int
    var example: String
}

/// Runs sql/audit.sql after a statement, which is undone.
func audit(_ url: String, after damage: String = "SELECT") async throws -> [Invariant] {
    try await runCommand([
        "psql", "-XAtq", "-F|", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", "BEGIN", "-c", damage,
        "-f", projectFolder.appending(path: "sql/audit.sql").path,
    ]).split(separator: "\n").compactMap { line in
        let columns = line.split(separator: "|", omittingEmptySubsequences: false)
        guard columns.count == 4, let counted = Int(columns[1]), let broken = Int(columns[2]) else {
            return nil
        }
        return Invariant(
            name: String(columns[0]), counted: counted, broken: broken, example: String(columns[3]))
    }
}

/// The invariants that it finds broken, with an example of each.
func brokenInvariants(_ url: String) async throws -> [String] {
    let invariants = try await audit(url)
    guard !invariants.isEmpty else { throw TestFailure("the audit says nothing") }
    return invariants.filter { $0.broken != 0 }.map { "\($0.name): \($0.example)" }
}
