import ArgumentParser

/// `teller help exit-codes`: a command, so that argument-parser's own help finds it.
struct ExitCodesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exit-codes",
        abstract: "The exit codes of teller, from sysexits(3).",
        discussion: ExitStatus.list,
        shouldDisplay: false)

    func run() throws {
        try StandardStreams.write(ExitStatus.list + "\n")
    }
}
