import ArgumentParser

extension TellerError {
    /// A mistake on the command line, in argument-parser's words, on one line.
    static func usage(_ message: String, arguments: [String]) -> TellerError {
        let names = TellerCommand.configuration.subcommands.map { $0.configuration.commandName }
        let command = arguments.first { names.contains($0) }
        if command == nil, let first = arguments.first, !first.hasPrefix("-"), first != "help" {
            return TellerError(
                .usage, "there is no command '\(first)'", advice: "see 'teller help'")
        }
        var what = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        what = what.replacing(". Did you mean", with: "; did you mean")
        while what.hasSuffix(".") { what.removeLast() }
        if let first = what.first, what.dropFirst().first?.isLowercase == true {
            what = first.lowercased() + what.dropFirst()
        }
        let advice = "see 'teller help\(command.map { " \($0)" } ?? "")'"
        return TellerError(.usage, what, advice: what.hasSuffix("?") ? "" : advice)
    }
}
