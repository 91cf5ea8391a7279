internal import Foundation

/// A shell that runs a script once it is told to, or this process has ended, however that was.
public final class Guardian: Sendable {
    private let pid: Int32
    private let input: FileHandle

    /// - Parameters:
    ///   - script: what it runs then, beside the other ends of this process.
    ///   - arguments: `$1` and those after it.
    ///   - user: the words of a command that runs the shell as another user.
    public init(_ script: String, _ arguments: [String], as user: [String] = []) throws {
        let pipe = Pipe()
        input = pipe.fileHandleForWriting
        // Else what is started later would hold it open as well.
        _ = fcntl(input.fileDescriptor, F_SETFD, FD_CLOEXEC)
        let script = "trap '' INT TERM HUP; cd /; cat > /dev/null\n\(script)"
        pid = try Spawn.start(
            user + ["sh", "-c", script, "sh"] + arguments,
            environment: ProcessInfo.processInfo.environment,
            input: pipe.fileHandleForReading.fileDescriptor, output: nil)
    }

    /// Has the script run, without waiting for it.
    public func release() { try? input.close() }

    /// Has the script run, and waits for its end.
    public func end() {
        release()
        _ = Spawn.wait(for: pid)
    }
}
