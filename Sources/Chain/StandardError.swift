#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// For what a command says to the person who typed it; a server's events go to ``ServerLog``.
public enum StandardError {
    /// Writes a line, at once.
    public static func write(line: String) {
        let bytes = Array("\(line)\n".utf8)
        #if canImport(Glibc)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
        #else
        _ = Darwin.write(STDERR_FILENO, bytes, bytes.count)
        #endif
    }
}
