import Dispatch
import Logging
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Gathers log lines and writes them to a file descriptor together.
final class LogBuffer: Sendable {
    static let standardError = LogBuffer(descriptor: STDERR_FILENO)

    /// Bytes that are gathered before they are written at once.
    static let capacity = 32 * 1024
    /// How long a line may wait.
    static let flushInterval = DispatchTimeInterval.milliseconds(100)
    /// How long the end of the process waits for the log's reader.
    static let flushPatience = DispatchTimeInterval.seconds(1)

    private struct State {
        var lines = LogLine()
        var isFlushScheduled = false
        /// Lines for which there was no room, or that could not be written, and have yet to be told of.
        var lost = 0
        /// Whose lines these are.
        var tier = ""
    }

    private let descriptor: Int32
    private let state = Mutex(State())
    /// Writes in order, away from the threads that serve requests: a pipe's reader may be slow.
    private let queue = DispatchQueue(label: "teller.log")

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// - Parameters:
    ///   - tier: Whose line it is.
    ///   - flushing: Whether the line is too important to wait.
    ///   - write: Writes the line, to its end.
    func append(of tier: String, flushing: Bool, _ write: (inout LogLine) -> Void) {
        let (mustFlushNow, mustSchedule) = state.withLock { state in
            state.tier = tier
            // A reader that stopped reading costs lines, never memory without bound.
            guard state.lines.bytes.count < 32 * Self.capacity else {
                state.lost += 1
                return (false, false)
            }
            write(&state.lines)
            let mustFlush = flushing || state.lines.bytes.count >= Self.capacity
            let mustSchedule = !mustFlush && !state.isFlushScheduled
            if mustSchedule { state.isFlushScheduled = true }
            return (mustFlush, mustSchedule)
        }
        if mustFlushNow {
            queue.async { self.write() }
        } else if mustSchedule {
            queue.asyncAfter(deadline: .now() + Self.flushInterval) { self.write() }
        }
    }

    /// Writes all that was gathered before it returns; gives up on a reader that does not read.
    func flush() {
        let isDone = DispatchSemaphore(value: 0)
        queue.async {
            self.write()
            isDone.signal()
        }
        _ = isDone.wait(timeout: .now() + Self.flushPatience)
    }

    private func write() {
        let (bytes, lost) = state.withLock { state in
            defer {
                state.lines.bytes.removeAll()
                state.isFlushScheduled = false
                state.lost = 0
            }
            return (state.lines.bytes + Self.notice(of: state.lost, state.tier), state.lost)
        }
        let unwritten = write(bytes)
        guard unwritten > 0 else { return }
        // The last line told of the lost ones, and is one of those that were not written.
        state.withLock { $0.lost += lost + unwritten - (lost > 0 ? 1 : 0) }
    }

    /// The line that tells of lost ones.
    private static func notice(of lost: Int, _ tier: String) -> [UInt8] {
        guard lost > 0 else { return [] }
        var line = LogLine()
        line.begin(.warning, tier, "log lines lost")
        line.add("lines", lost)
        line.end()
        return line.bytes
    }

    /// - Returns: How many lines could not be written.
    private func write(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Self.write(descriptor, UnsafeRawBufferPointer(rebasing: rest))
                if written < 0 && errno == EINTR { continue }
                // Whoever shares the pipe may have made it one that does not wait.
                if written < 0 && errno == EAGAIN {
                    var pipe = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&pipe, 1, -1)
                    continue
                }
                guard written > 0 else { break }
                rest = rest.dropFirst(written)
            }
            return rest.count { $0 == UInt8(ascii: "\n") }
        }
    }

    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
