import Chain

#if canImport(Darwin)
import Darwin
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
    /// Columns for a drawing, or for help: a wider one is harder to read.
    var drawingColumns: Int { min(columns, 120) }
    /// To the line's begin, and what is on it taken away.
    static let erase = "\r\u{1B}[K"
    var style: Style { Style(hasColour: hasColour) }

    init(isTerminal: Bool, hasColour: Bool = false, isDumb: Bool = false, columns: Int = 80) {
        self.isTerminal = isTerminal
        canErase = isTerminal && !isDumb
        self.hasColour = isTerminal && hasColour
        self.columns = max(columns, 40)
    }

    /// Standard output as it is now.
    static func standardOutput() -> Terminal { Terminal(STDOUT_FILENO) }

    /// Standard error as it is now.
    static func standardError() -> Terminal { Terminal(STDERR_FILENO) }

    private init(_ descriptor: Int32) {
        var size = winsize()
        let hasSize = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        let isDumb = Environment.value("TERM") == "dumb"
        self.init(
            // Source: no-color.org: present and not empty.
            isTerminal: isatty(descriptor) == 1,
            hasColour: !isDumb && Environment.value("NO_COLOR") == nil,
            isDumb: isDumb, columns: hasSize ? Int(size.ws_col) : 80)
    }
}

/// Colours and weights, or nothing at all.
struct Style: Sendable {
    var hasColour: Bool

    enum Ink: String, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case magenta = "35"
        case cyan = "36"
    }

    func callAsFunction(_ ink: Ink?, _ text: String) -> String {
        guard hasColour, let ink, !text.isEmpty else { return text }
        return "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m"
    }
}
