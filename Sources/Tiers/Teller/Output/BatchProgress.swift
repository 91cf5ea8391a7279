/// A bar on a terminal's last line, on standard error; nothing where there is no terminal.
struct BatchProgress: Sendable {
    static let width = 24

    /// Standard error's.
    let terminal: Terminal
    var isHidden = false

    func draw(_ done: Int, of all: Int) {
        guard terminal.canErase, !isHidden, all > 0 else { return }
        let style = Style(hasColour: terminal.hasColour)
        StandardStreams.draw("\r\u{1B}[K" + Self.text(done, of: all, style))
    }

    func erase() {
        guard terminal.canErase, !isHidden else { return }
        StandardStreams.draw("\r\u{1B}[K")
    }

    static func text(_ done: Int, of all: Int, _ style: Style) -> String {
        let filled = width * done / all
        let bar = String(repeating: "█", count: filled)
        let rest = String(repeating: "░", count: width - filled)
        return "  \(style(.cyan, bar))\(style(.dim, rest))  \(done.grouped) of \(all.grouped)"
    }
}
