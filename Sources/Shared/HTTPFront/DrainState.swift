public import ServiceLifecycle
import Synchronization

/// Whether the server is on its way out; as a service, the first one that a shutdown reaches.
///
/// Closing a connection just as its caller sends the next request on it would lose that request.
/// So, for a moment before the listener closes, the server goes on and each answer asks its caller
/// to close. Streams end at once.
public final class DrainState: Service {
    let streams = OpenStreams()
    private let notice: Duration
    private let flag = Atomic(false)

    /// - Parameter notice: How long answers ask before connections are closed.
    public init(notice: Duration = .milliseconds(300)) {
        self.notice = notice
    }

    public var isDraining: Bool { flag.load(ordering: .relaxed) }

    public func run() async throws {
        try await gracefulShutdown()
        flag.store(true, ordering: .relaxed)
        streams.drain()
        try? await Task.sleep(for: notice)
    }
}
