import ArgumentParser

extension TellerError {
    /// A mistake on the command line, in argument-parser's words, on one line.
    static func usage(_ message: String, arguments: [String]) -> TellerError {
        var what = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        while what.hasSuffix(".") { what.removeLast() }
        if let first = what.first, what.dropFirst().first?.isLowercase == true {
            what = first.lowercased() + what.dropFirst()
        }
        let names = TellerCommand.configuration.subcommands.map { $0.configuration.commandName }
        let command = arguments.first { names.contains($0) }.map { " \($0)" } ?? ""
        return TellerError(.usage, what, advice: "see 'teller help\(command)'")
    }
}
