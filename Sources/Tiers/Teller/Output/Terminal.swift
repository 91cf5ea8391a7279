#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What standard output, or standard error, can show.
struct Terminal: Sendable, Equatable {
    var isTerminal: Bool
    var hasColour: Bool
    /// Whether what was drawn can be drawn over.
    var canErase: Bool
    /// Columns there are, at least 40; 80 where there is no terminal.
    var columns: Int
    /// Columns to fit into; `nil` where there is no terminal.
    var width: Int? { isTerminal ? columns : nil }
    /// Columns for a drawing: a wider one is harder to read.
    var drawingColumns: Int { min(columns, 120) }

    static let defaultColumns = 80

    init(
        isTerminal: Bool, hasColour: Bool = false, isDumb: Bool = false,
        columns: Int = defaultColumns
    ) {
        self.isTerminal = isTerminal
        canErase = isTerminal && !isDumb
        self.hasColour = isTerminal && hasColour
        self.columns = max(columns, 40)
    }

    /// Standard output as it is now.
    static func standardOutput() -> Terminal { terminal(STDOUT_FILENO) }

    /// Standard error as it is now.
    static func standardError() -> Terminal { terminal(STDERR_FILENO) }

    private static func terminal(_ descriptor: Int32) -> Terminal {
        let isTerminal = isatty(descriptor) == 1
        // Source: no-color.org: present and not empty.
        let isDumb = Environment["TERM"] == "dumb"
        return Terminal(
            isTerminal: isTerminal, hasColour: !isDumb && Environment["NO_COLOR"] == nil,
            isDumb: isDumb,
            columns: (isTerminal ? windowColumns(descriptor) : nil) ?? defaultColumns)
    }

    /// The width for help texts.
    static var helpColumns: Int { standardOutput().drawingColumns }

    private static func windowColumns(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }
}
