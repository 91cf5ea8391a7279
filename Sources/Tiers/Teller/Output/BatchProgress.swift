/// A bar on a terminal's last line, on standard error; nothing where there is no terminal.
struct BatchProgress: Sendable {
    static let width = 24

    /// Standard error's.
    let terminal: Terminal
    var isHidden = false

    func draw(_ done: Int, of all: Int) {
        guard terminal.canErase, !isHidden, all > 0 else { return }
        let style = terminal.style
        let filled = Self.width * done / all
        let bar = style(.cyan, String(repeating: "█", count: filled))
        let rest = style(.dim, String(repeating: "░", count: Self.width - filled))
        StandardStreams.draw(Terminal.erase + "  \(bar)\(rest)  \(done.grouped) of \(all.grouped)")
    }

    func erase() {
        guard terminal.canErase, !isHidden else { return }
        StandardStreams.draw(Terminal.erase)
    }
}
