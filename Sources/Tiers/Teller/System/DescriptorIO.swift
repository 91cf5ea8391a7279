#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

private let systemRead = read as @Sendable (Int32, UnsafeMutableRawPointer?, Int) -> Int
private let systemWrite = write as @Sendable (Int32, UnsafeRawPointer?, Int) -> Int

/// read(2) and write(2): again when a signal came between. The calls block.
enum DescriptorIO {
    /// Reads what there is into the front of a chunk.
    ///
    /// - Returns: how many bytes; 0 at the end.
    static func read(
        _ descriptor: Int32, into chunk: inout [UInt8]
    ) throws(SystemError) -> Int {
        while true {
            let count = chunk.withUnsafeMutableBytes {
                systemRead(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 { return count }
            guard errno == EINTR else { throw SystemError(number: errno) }
        }
    }

    /// Writes all of some bytes; waits where a descriptor that does not block is full.
    static func write(
        _ bytes: [UInt8], to descriptor: Int32
    ) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                systemWrite(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 {
                written += count
            } else if errno == EAGAIN {
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&room, 1, -1)
            } else if errno != EINTR {
                throw SystemError(number: errno)
            }
        }
    }
}

/// An error of a system call, by its number in errno(3).
struct SystemError: Error, Sendable, Hashable {
    var number: Int32
}
