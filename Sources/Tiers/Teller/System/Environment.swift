#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The process's environment.
enum Environment {
    /// The variable's value; `nil` when it is not set, or empty.
    static subscript(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else {
            return nil
        }
        return value
    }
}
