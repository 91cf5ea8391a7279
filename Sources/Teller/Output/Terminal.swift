#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What standard output can show.
struct Terminal: Sendable, Equatable {
    var isTerminal: Bool
    var hasColour: Bool
    /// Columns there are, at least 40; 80 where there is no terminal.
    var columns: Int
    /// Columns for a drawing: a wider one is harder to read.
    var drawingColumns: Int { min(columns, 120) }

    static let defaultColumns = 80

    init(isTerminal: Bool, hasColour: Bool = false, columns: Int = defaultColumns) {
        self.isTerminal = isTerminal
        self.hasColour = isTerminal && hasColour
        self.columns = max(columns, 40)
    }

    /// Standard output as it is now.
    static func standardOutput() -> Terminal {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        // Source: no-color.org: present and not empty.
        let isPlain = Environment["NO_COLOR"] != nil || Environment["TERM"] == "dumb"
        return Terminal(
            isTerminal: isTerminal, hasColour: !isPlain,
            columns: (isTerminal ? windowColumns : nil) ?? defaultColumns)
    }

    /// The width for help texts.
    static var helpColumns: Int { standardOutput().drawingColumns }

    private static var windowColumns: Int? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }
}

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
