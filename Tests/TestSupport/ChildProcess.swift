internal import Dispatch
internal import Foundation
internal import Synchronization

/// A program that runs beside the tests and writes to a file. It ends with `stop()`, or with this process,
/// however that ends.
public final class ChildProcess: Sendable {
    public let pid: Int32
    /// Where its standard output and standard error go.
    public let log: String
    private let guardian: Guardian
    private let status = Mutex<Int32?>(nil)

    /// - Parameters:
    ///   - words: the program and its arguments.
    ///   - environment: all of its environment.
    ///   - log: a file to write to; made, or emptied.
    public init(_ words: [String], environment: [String: String], log: String) throws {
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        guard let output = FileHandle(forWritingAtPath: log) else {
            throw CocoaError(.fileWriteUnknown)
        }
        self.log = log
        pid = try Spawn.start(
            words, environment: environment, input: nil, output: output.fileDescriptor)
        try output.close()
        guardian = try Guardian("kill -CONT $1; kill -KILL $1", ["\(pid)"])
        DispatchQueue(label: "child \(pid)").async { [self] in
            // Noticed without reaping: until `stop()` the number is no other process's.
            let ended = Spawn.waitKeepingNumber(for: pid)
            status.withLock { $0 = ended }
        }
    }

    /// nil while it runs; 128 and the signal's number when a signal ended it.
    public var exitStatus: Int32? { status.withLock { $0 } }

    public var output: String {
        (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    }

    public func send(_ signal: Int32) {
        kill(pid, signal)
    }

    /// Waits for its end.
    /// - Returns: its exit status; nil when it did not end in time.
    public func waitForExit(within bound: Duration) async throws -> Int32? {
        let end = ContinuousClock.now + bound
        while exitStatus == nil, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(10))
        }
        return exitStatus
    }

    /// Ends it at once, if it still runs, and takes its number back.
    public func stop() {
        guardian.end()
        _ = Spawn.wait(for: pid)
    }
}
