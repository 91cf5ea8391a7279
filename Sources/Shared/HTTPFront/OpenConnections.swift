import NIOCore
import Synchronization

/// A server's connections: asked to end when it does, and waited for.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isEnding = false
    }

    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isEnding = state.withLock { state in
            state.channels[id] = channel
            return state.isEnding
        }
        channel.closeFuture.whenComplete { _ in
            _ = self.state.withLock { $0.channels.removeValue(forKey: id) }
        }
        // The server is on its way out.
        if isEnding { channel.close(promise: nil) }
    }

    /// Closes each once what is in progress was answered, at once when there is nothing.
    func quiesce() {
        for channel in end() {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    func close() {
        for channel in end() { channel.close(promise: nil) }
    }

    private func end() -> [any Channel] {
        state.withLock { state in
            state.isEnding = true
            return Array(state.channels.values)
        }
    }

    /// For whoever ends them. Callers take their last answers before that, for which they have only so
    /// much time.
    func waitUntilClosed() async {
        while let channel = state.withLock({ $0.channels.first?.value }) {
            try? await channel.closeFuture.get()
        }
    }
}
