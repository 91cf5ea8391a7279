import Ledger
import Postgres

/// What a transaction came to for one of its groups.
enum PostedGroup: Sendable, Equatable {
    /// One for each request, in order.
    case outcomes([TransferOutcome])
    /// Its time was over before anything was done.
    case late
    /// The session of whoever asked goes on no more; nothing was done.
    case signedOut
    /// Another transaction has locked what it needs, or what an earlier one of the same caller needs; only
    /// where it did not wait.
    case locked([KeptLocked.Name])
}

/// The groups of a batch that cannot be posted now, with what another transaction has locked of each.
struct HeldUpGroups: Sendable {
    private var names: [Int: [KeptLocked.Name]] = [:]

    /// - Parameter lockedOut: The rows of ``PostingStatements/lockFree(_:)``.
    init(_ groups: [PostingGroup], lockedOut: PostgresRows) throws {
        for row in lockedOut {
            let (place, id, isCash) = try row.decode((Int64, Int64, Bool).self)
            guard groups.indices.contains(Int(place)) else { continue }
            names[Int(place), default: []] += groups[Int(place)].names(of: id, isCash: isCash)
        }
        for place in groups.places(where: { _, place in names[place] != nil }) {
            names[place] = names[place] ?? []
        }
    }

    /// `nil` for a group that can be posted.
    subscript(place: Int) -> [KeptLocked.Name]? { names[place] }
}
