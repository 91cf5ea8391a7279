import LocalBank
import Synchronization

/// Draws the steps of `up` and `down`, a line for each as it ends.
///
/// On a terminal the step at work stands below, until its own line takes its place.
final class Progress: Sendable {
    private struct State {
        var isDrawn = false
        var beginnings: [Part: ContinuousClock.Instant] = [:]
    }

    private let terminal: Terminal
    private let state = Mutex(State())

    init(_ terminal: Terminal) {
        self.terminal = terminal
    }

    func show(_ step: Step) {
        let text = state.withLock { state in
            if case .began(.stop(let part)) = step { state.beginnings[part] = .now }
            var took: Duration?
            if case .stopped(let part, _) = step {
                took = state.beginnings[part].map { $0.duration(to: .now) }
            }
            let line = StepLine(step, took: took)
            guard terminal.canErase || !line.isPassing else { return "" }
            let text = line.text(terminal.style, columns: terminal.columns)
            defer { state.isDrawn = line.isPassing }
            return (state.isDrawn ? Terminal.erase : "") + text + (line.isPassing ? "" : "\n")
        }
        // The work goes on where nobody reads about it.
        try? StandardStreams.write(text)
    }

    /// Takes away the line of a step that did not end, so that what follows has a line of its own.
    func erase() {
        let isDrawn = state.withLock { state in
            defer { state.isDrawn = false }
            return state.isDrawn
        }
        if isDrawn { try? StandardStreams.write(Terminal.erase) }
    }
}

/// How a step is shown.
struct StepLine: Sendable {
    private var mark: String
    private var ink: Style.Ink
    private var name: String
    private var took: Duration?
    private var detail: String
    /// Whether another line takes this one's place.
    var isPassing = false

    init(_ step: Step, took: Duration? = nil) {
        self.took = took
        (mark, ink, detail) = ("✓", .green, "")
        switch step {
        case .began(let work):
            let words = Self.words(work)
            (mark, ink, name, detail, isPassing) = ("·", .dim, words.name, words.doing, true)
        case .finished(let work, let address, let duration):
            let words = Self.words(work)
            (name, detail, self.took) = (words.name, address ?? words.done, duration)
        case .alreadyRunning(let part):
            (name, detail) = (part.description, "runs already")
        case .stopped(let part, let stop):
            name = part.description
            switch stop {
            case .drained: detail = "stopped"
            case .killed: (mark, ink, detail) = ("!", .yellow, "killed: it did not end in time")
            case .wasDead: (mark, ink, detail) = ("–", .dim, "did not run")
            }
        case .waiting(let part, let words):
            (mark, ink, name) = ("·", .dim, part.description)
            detail = "waiting for it, because it says: \(words.printable)"
        case .tiersStayRoot(let reason):
            (mark, ink, name, detail) = ("!", .yellow, "tiers", "run as root: \(reason.printable)")
        case .rollingBack(let parts):
            (mark, ink, name) = ("!", .yellow, "stopping")
            detail = "what was started: " + parts.map(\.description).joined(separator: ", ")
        }
    }

    func text(_ style: Style, columns: Int) -> String {
        let head = name.padded(to: 18) + (took?.brief ?? "").paddedLeft(to: 8)
        let room = max(10, columns - 4 - head.displayWidth - 4)
        let line = "  \(style(ink, mark)) \(head)"
        let rest = isPassing ? detail.shortened(toColumns: room) : detail
        return rest.isEmpty ? line : "\(line)   \(style(.dim, rest))"
    }

    private static func words(_ work: Step.Work) -> (name: String, doing: String, done: String) {
        switch work {
        case .createDataFolder(let path): ("data folder", "making it…", path)
        case .migrate(let demo):
            ("migrations", "applying them…", demo ? "with demo data" : "up to date")
        case .start(let part): (part.description, "starting…", "ready")
        case .stop(let part): (part.description, "finishing its work…", "stopped")
        case .purge(let hadData, let kept):
            (
                "purge", "deleting…",
                (hadData ? "data, logs and state are deleted" : "logs and state are deleted")
                    + (kept.map { "; the database \($0) was not touched" } ?? "")
            )
        }
    }
}

extension Duration {
    /// For people to read at a glance: `240 ms`, `1.2 s`, `75 s`, `3 min`, `5 h`, `12 d`.
    var brief: String {
        let milliseconds = max(0, components.seconds) * 1000 + components.attoseconds / Int64(1e15)
        switch milliseconds {
        case ..<1000: return "\(milliseconds) ms"
        case ..<10_000: return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
        case ..<120_000: return "\(milliseconds / 1000) s"
        case ..<7_200_000: return "\(milliseconds / 60_000) min"
        case ..<172_800_000: return "\(milliseconds / 3_600_000) h"
        default: return "\(milliseconds / 86_400_000) d"
        }
    }
}
