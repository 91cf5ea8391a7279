#if canImport(Darwin)
import Darwin
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
        do throws(SystemError) {
            try DescriptorIO.write(Array(text.utf8), to: STDOUT_FILENO)
        } catch {
            var failure = TellerError(
                .ioError,
                "cannot write to standard output: \(String(cString: strerror(error.number)))",
                advice: "check where it leads")
            failure.isSilent = error.number == EPIPE
            throw failure
        }
    }

    /// Writes a line to standard error, if there is one.
    static func complain(_ line: String?) {
        guard let line else { return }
        draw(line + "\n")
    }

    /// Writes what is no line, and is to be drawn over, to standard error.
    static func draw(_ text: String) {
        // Nobody is left to tell when this fails.
        try? DescriptorIO.write(Array(text.utf8), to: STDERR_FILENO)
    }
}
