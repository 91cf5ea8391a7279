#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A file in which a server tells the address that it got, for those that started it on port 0.
public struct ReadyFile: Sendable {
    /// The file could not be written.
    public struct WriteError: Error, CustomStringConvertible {
        public let path: String
        public let errorNumber: Int32

        public var description: String {
            "cannot write the ready file \(path): \(String(cString: strerror(errorNumber)))"
        }
    }

    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// Writes `host:port` and a newline. A reader sees the whole line or no file: it is written
    /// beside the path and renamed.
    ///
    /// A few bytes to a local file: short enough to do on the thread that asks, once at start.
    public func write(_ address: HostAndPort) throws(WriteError) {
        let temporaryPath = "\(path).\(getpid())"
        let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw WriteError(path: path, errorNumber: errno) }
        let line = Array("\(address)\n".utf8)
        let writeErrno = writeAll(line, to: descriptor) ? 0 : errno
        close(descriptor)
        guard writeErrno == 0, rename(temporaryPath, path) == 0 else {
            let error = WriteError(path: path, errorNumber: writeErrno == 0 ? errno : writeErrno)
            unlink(temporaryPath)
            throw error
        }
    }

    /// Removes the file; for the end of the server.
    public func remove() {
        unlink(path)
    }

    private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes, bytes.count) == bytes.count
        #else
        Darwin.write(descriptor, bytes, bytes.count) == bytes.count
        #endif
    }
}
