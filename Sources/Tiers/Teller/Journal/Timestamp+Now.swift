import Chain
import Ledger

extension Timestamp {
    /// By this machine's clock, which may be wrong: nothing is decided by it.
    static var now: Timestamp { Timestamp(microseconds: WallClock.microseconds) }
}
