internal import Foundation

/// A pipe to itself: a write from any thread ends the wait of the one that polls a socket with it.
final class WakePipe: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    /// - Returns: nil when the process has no more descriptors.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func wake() {
        // A full pipe is as good: the reader has something to wake up for.
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// Waits for a socket, for ``wake()``, or until a time.
    ///
    /// - Parameter events: Of poll(2); without any, only the end of the socket is waited for.
    /// - Returns: Whether the socket is ready, closed or in error.
    func wait(for events: Int32, of socket: Int32, until end: ContinuousClock.Instant?) -> Bool {
        // poll(2) would take no notice of a socket that libpq has closed.
        guard socket >= 0 else { return true }
        var polled = [
            pollfd(fd: socket, events: Int16(events), revents: 0),
            pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
        ]
        // EINTR and ENOMEM are told by no event being set: the caller goes round again.
        _ = poll(&polled, 2, end.map(Self.milliseconds) ?? -1)
        if polled[1].revents != 0 {
            withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) {
                _ = read(readEnd, $0.baseAddress, 64)
            }
        }
        return polled[0].revents != 0
    }

    /// How long poll(2) may sleep: rounded up, so that it does not wake just before the instant.
    private static func milliseconds(until instant: ContinuousClock.Instant) -> Int32 {
        let wait = (instant - .now) / .milliseconds(1)
        return Int32(max(0, min(wait.rounded(.up), 1_000_000_000)))
    }
}
