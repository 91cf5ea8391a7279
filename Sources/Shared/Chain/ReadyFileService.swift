public import Logging
public import ServiceLifecycle

/// Tells where a server listens, in its log and its ready file, and removes the file at its end.
public struct ReadyFileService: Service {
    private let file: ReadyFile?
    private let addresses: AsyncStream<HostAndPort>
    private let logger: Logger

    /// - Parameter addresses: The address that the server got, once it listens.
    public init(file: ReadyFile?, addresses: AsyncStream<HostAndPort>, logger: Logger) {
        self.file = file
        self.addresses = addresses
        self.logger = logger
    }

    /// Runs until the server's end.
    ///
    /// - Throws: ``ReadyFile/WriteError``: whoever waits for the file would wait in vain.
    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            var isWritten = false
            // Only a file of this server's own is removed.
            defer { if isWritten { file?.remove() } }
            for await address in addresses {
                logger.notice("listening", metadata: ["address": "\(address)"])
                try file?.write(address)
                isWritten = true
            }
        }
    }
}
