import ArgumentParser

/// The form of what a command prints.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table
    case json

    /// Prints a view in this form.
    func print(_ view: some View) throws(TellerError) {
        try StandardStreams.write(
            self == .json ? try view.json() : view.text(on: Terminal.standardOutput()))
    }
}

/// What a command prints: for people, or as JSON for programs.
protocol View {
    /// - Returns: lines without their ends.
    func lines(on terminal: Terminal) -> [String]
    func json() throws(TellerError) -> String
}

extension View {
    func text(on terminal: Terminal) -> String {
        lines(on: terminal).map { "\($0)\n" }.joined()
    }
}
