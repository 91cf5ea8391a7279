import ArgumentParser

extension TellerError {
    /// A mistake on the command line, in argument-parser's words, on one line.
    static func usage(_ message: String, arguments: [String]) -> TellerError {
        let command = arguments.first { CommandSyntax.commands.contains($0) }
        if let command, let error = unknownOption(command, arguments) { return error }
        if let error = negativeAmount(command, arguments) { return error }
        var what = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        what = what.replacing(". Did you mean", with: "; did you mean")
        while what.hasSuffix(".") { what.removeLast() }
        if let first = what.first, what.dropFirst().first?.isLowercase == true {
            what = first.lowercased() + what.dropFirst()
        }
        let advice = "see 'teller help\(command.map { " \($0)" } ?? "")'"
        return TellerError(.usage, what, advice: what.hasSuffix("?") ? "" : advice)
    }

    static func notText(argument number: Int) -> TellerError {
        TellerError(
            .usage, "argument \(number) is not text in UTF-8", advice: "nothing was sent")
    }

    /// Of a command that does not exist, also of one that help is wanted for; `nil` when it exists.
    static func unknownCommand(_ arguments: [String]) -> TellerError? {
        let commands = CommandSyntax.commands + ["help"]
        let word = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
        guard let word, word.utf8.first != UInt8(ascii: "-"), !commands.contains(word) else {
            return nil
        }
        let name = word.printable.shortened(toColumns: 40)
        let meant = Spelling.nearest(to: word, in: commands)
        return TellerError(
            .usage, "there is no command '\(name)'",
            advice: meant.map { "did you mean '\($0)'?" } ?? "see 'teller help'")
    }

    /// Argument-parser may say what is missing in place of what is too much.
    private static func unknownOption(_ command: String, _ arguments: [String]) -> TellerError? {
        guard let syntax = CommandSyntax(command), let option = syntax.unknown(arguments) else {
            return nil
        }
        let meant = Spelling.nearest(to: option, in: syntax.options)
        return TellerError(
            .usage, "unknown option '\(option.printable.shortened(toColumns: 40))'",
            advice: meant.map { "did you mean '\($0)'?" } ?? "see 'teller help \(command)'")
    }

    /// Argument-parser takes `-1` for an option, and says what is missing in its place.
    private static func negativeAmount(
        _ command: String?, _ arguments: [String]
    ) -> TellerError? {
        guard arguments.prefix(while: { $0 != "--" }).contains(where: \.isNegative),
            ["deposit", "withdraw", "transfer", "hold"].contains(command)
        else { return nil }
        return AmountArgument.notPositive
    }
}
