import Chain
import NIOPosix

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Passwords as they are typed, on the terminal without echo, or from standard input: never as
/// arguments, which others can read. Reading may wait, so it has a thread of its own.
enum PasswordInput {
    /// The character that no key sends: _POSIX_VDISABLE, a macro that Swift does not see.
    #if canImport(Darwin)
    private static let disabled: UInt8 = 0xFF
    #else
    private static let disabled: UInt8 = 0
    #endif
    /// In bytes; the bank takes shorter ones only.
    private static let longest = 16 << 10

    /// Asks on the terminal. Ctrl-C ends it; the terminal is then as it was before.
    static func ask(_ prompt: String) async throws(TellerError) -> Secret {
        try await Interruption.trapping { interruption throws(TellerError) -> Secret in
            try await onThread { () throws(TellerError) in try read(prompt, interruption) }
        }
    }

    /// Reads lines of standard input, one for each password.
    static func lines(_ count: Int) async throws(TellerError) -> [Secret] {
        let bytes = try await onThread { () throws(TellerError) in
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: longest)
            while bytes.count <= longest {
                let count = try read(STDIN_FILENO, into: &chunk)
                guard count > 0 else { break }
                bytes += chunk[..<count]
            }
            return bytes
        }
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count == count else {
            throw TellerError(
                .usage,
                count == 1
                    ? "--password-stdin: one line is expected, the password"
                    : "--password-stdin: two lines are expected, the old and the new password",
                advice: "nothing was sent")
        }
        var passwords: [Secret] = []
        for line in lines { passwords.append(try secret(line)) }
        return passwords
    }

    private static func read(
        _ prompt: String, _ interruption: Interruption
    ) throws(TellerError) -> Secret {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        var usual = termios()
        guard terminal >= 0, tcgetattr(terminal, &usual) == 0 else {
            throw TellerError(
                .usage, "there is no terminal to ask for the password",
                advice: "give it with --password-stdin")
        }
        defer { close(terminal) }
        var silent = usual
        silent.c_lflag &= ~tcflag_t(ECHO)
        // Whole lines, whose end is shown.
        silent.c_lflag |= tcflag_t(ICANON | ECHONL)
        // Ctrl-Z and Ctrl-\ would leave a shell without echo.
        withUnsafeMutableBytes(of: &silent.c_cc) {
            $0[Int(VSUSP)] = disabled
            $0[Int(VQUIT)] = disabled
        }
        guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else {
            throw TellerError(.ioError, "the terminal's echo cannot be turned off")
        }
        defer { tcsetattr(terminal, TCSAFLUSH, &usual) }
        try? DescriptorIO.write(Array(prompt.printable.utf8), to: terminal)
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while line.last != UInt8(ascii: "\n") {
            // A signal comes to another thread.
            var ready = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
            let isReady = poll(&ready, 1, 50) > 0
            let count = isReady ? try read(terminal, into: &chunk) : 1
            guard count > 0, !interruption.hasCome, line.count <= longest else {
                try? DescriptorIO.write([UInt8(ascii: "\n")], to: terminal)
                throw TellerError(.interrupted, "interrupted", advice: "nothing was sent")
            }
            if isReady { line += chunk[..<count] }
        }
        return try secret(line.dropLast())
    }

    private static func secret(_ bytes: ArraySlice<UInt8>) throws(TellerError) -> Secret {
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.isEmpty else {
            throw TellerError(
                .dataError,
                bytes.isEmpty ? "the password is empty" : "the password is not text in UTF-8",
                advice: "nothing was sent")
        }
        return Secret(text)
    }

    private static func read(
        _ file: Int32, into chunk: inout [UInt8]
    ) throws(TellerError) -> Int {
        do throws(SystemError) {
            return try DescriptorIO.read(file, into: &chunk)
        } catch {
            throw TellerError(
                .ioError, "the password cannot be read: \(String(cString: strerror(error.number)))",
                advice: "nothing was sent")
        }
    }

    private static func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws(TellerError) -> Value
    ) async throws(TellerError) -> Value {
        do {
            return try await NIOThreadPool.singleton.runIfActive(body)
        } catch let error as TellerError {
            throw error
        } catch {
            throw TellerError(.interrupted, "interrupted", advice: "nothing was sent")
        }
    }
}
