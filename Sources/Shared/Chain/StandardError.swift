#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Standard error, for a command's last words; a server's events go to its log.
public enum StandardError {
    /// Writes one line; line breaks within it become semicolons.
    public static func write(line: String) {
        let text = line.split(whereSeparator: \.isNewline).joined(separator: "; ") + "\n"
        let bytes = Array(text.utf8)
        // Nobody is left to tell when this fails.
        #if canImport(Glibc)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
        #else
        _ = Darwin.write(STDERR_FILENO, bytes, bytes.count)
        #endif
    }
}
