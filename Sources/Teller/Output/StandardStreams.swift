#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Standard output and error, written straight to their descriptors.
enum StandardStreams {
    /// To be called before anything opens a file or a socket.
    static func prepare() {
        // A closed pipe is then an error of write(2), and no death.
        signal(SIGPIPE, SIG_IGN)
        // So is a file that may not grow.
        signal(SIGXFSZ, SIG_IGN)
        // A descriptor that the caller closed would be given to the first socket, and the output
        // with it. Opened for reading, so that writing to it still fails.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Writes all of a text to standard output.
    ///
    /// - Throws: ``ExitStatus/ioError``; silent when the reader has gone.
    static func write(_ text: String) throws(TellerError) {
        let code = write(text, to: STDOUT_FILENO)
        guard code != 0 else { return }
        var error = TellerError(
            .ioError, "cannot write to standard output: \(String(cString: strerror(code)))",
            advice: "check where it leads")
        error.isSilent = code == EPIPE
        throw error
    }

    /// Writes a line to standard error, if there is one.
    static func complain(_ line: String?) {
        guard let line else { return }
        _ = write(line + "\n", to: STDERR_FILENO)
    }

    /// Writes what is no line, and is to be drawn over, to standard error.
    static func draw(_ text: String) {
        _ = write(text, to: STDERR_FILENO)
    }

    /// - Returns: 0, or the error's number.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let slice = UnsafeRawBufferPointer(rebasing: rest)
                #if canImport(Darwin)
                let written = Darwin.write(descriptor, slice.baseAddress, slice.count)
                #elseif canImport(Musl)
                let written = Musl.write(descriptor, slice.baseAddress, slice.count)
                #else
                let written = Glibc.write(descriptor, slice.baseAddress, slice.count)
                #endif
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else if errno == EAGAIN {
                    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = Self.wait(&poll)
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
    }

    private static func wait(_ descriptor: inout pollfd) -> Int32 {
        poll(&descriptor, 1, -1)
    }
}
