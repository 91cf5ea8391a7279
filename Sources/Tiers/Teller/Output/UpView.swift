import LocalBank

/// What `teller up` says when the bank is up.
struct UpView: Sendable {
    var bank: RunningBank

    func text(on terminal: Terminal) -> String {
        let style = Style(hasColour: terminal.hasColour)
        let url = style(.bold, bank.serverURL)
        let headline =
            switch bank.outcome {
            case .started: "The bank is up at \(url)."
            case .alreadyUp: "The bank was up already, at \(url)."
            case .repaired(let parts):
                "The bank is up again at \(url): \(Self.names(parts)) had died."
            }
        let hints = [
            ("teller accounts", "the accounts"),
            ("teller balance ACCOUNT --explain", "a balance, and the time each tier took"),
            ("teller down", "stop the bank"),
        ]
        let lines = hints.map { "  \($0.0.padded(to: 34))\(style(.dim, $0.1))" }
        return "\n\(headline) Next:\n\(lines.joined(separator: "\n"))\n"
    }

    private static func names(_ parts: [Part]) -> String {
        parts.map(\.description).joined(separator: ", ")
    }
}
