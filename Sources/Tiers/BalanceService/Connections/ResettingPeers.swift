import NIOCore

/// Who makes calls only to take them back. HTTP/2 ends a connection on which much is reset, and its peer
/// connects anew: then it waits, longer the more it does so.
struct ResettingPeers {
    private struct Peer {
        var windowStart: NIODeadline
        var resets = 0
        /// When the next one of its new connections is heard.
        var turn: NIODeadline
    }

    private var peers: [String: Peer] = [:]

    mutating func countReset(by address: String?, at now: NIODeadline, _ limits: HopLimits) {
        guard let address else { return }
        removeOld(now, limits)
        peers[address, default: Peer(windowStart: now, turn: now)].resets += 1
    }

    /// - Returns: How long a new connection has to wait; `nil`: too long.
    mutating func wait(
        of address: String?, at now: NIODeadline, _ limits: HopLimits
    ) -> TimeAmount? {
        removeOld(now, limits)
        guard let address, var peer = peers[address], peer.resets > limits.resets else {
            return .zero
        }
        let turn = max(now, peer.turn) + limits.resetPause
        guard turn - now <= limits.longestWait else { return nil }
        peer.turn = turn
        peers[address] = peer
        return turn - now
    }

    private mutating func removeOld(_ now: NIODeadline, _ limits: HopLimits) {
        guard !peers.isEmpty else { return }
        peers = peers.filter { $0.value.windowStart + limits.resetWindow > now }
    }
}
