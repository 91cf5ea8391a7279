public import Logging
import Synchronization

/// Tells when files that are read anew cannot be used, once for each reason, and when they can again.
public final class ReloadLog: Sendable {
    private struct State {
        /// Whoever needs them at its start says itself why they are no good.
        var hasLoaded = false
        var reason: String?
    }

    private let files: [String]
    private let logger: Logger?
    private let state = Mutex(State())

    public init(_ files: [String], logger: Logger?) {
        self.files = files
        self.logger = logger
    }

    /// They were read.
    public func noteSuccess() {
        let isBack = state.withLock { state in
            defer { state = State(hasLoaded: true) }
            return state.reason != nil
        }
        if isBack { logger?.notice("files are used again", metadata: ["files": "\(files)"]) }
    }

    /// They were not, and what was read before goes on to be used.
    public func noteFailure(_ error: any Error) {
        let reason = "\(error)"
        let isNew = state.withLock { state in
            guard state.hasLoaded, state.reason != reason else { return false }
            state.reason = reason
            return true
        }
        guard isNew else { return }
        logger?.warning(
            "files cannot be used, those read before are",
            metadata: ["files": "\(files)", "error": "\(reason)"])
    }
}
