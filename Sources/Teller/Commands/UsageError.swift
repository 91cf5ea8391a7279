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
            .usage, "argument \(number) is not text in UTF-8", advice: "nothing was asked")
    }

    /// Argument-parser takes `-1` for an option, and says what is missing in its place.
    private static func negativeAmount(
        _ command: String?, _ arguments: [String]
    ) -> TellerError? {
        guard
            let index = arguments.indices.first(where: { index in
                isNegative(arguments[index]) && !isOtherValue(arguments[..<index].last)
            }), !arguments[..<index].contains("--")
        else { return nil }
        switch command {
        case "deposit", "withdraw", "transfer", "hold", "post": return AmountArgument.notPositive
        case "open" where arguments[..<index].last == "--limit":
            return TellerError(
                .usage, "--limit: a limit is zero or more", advice: "see 'teller help open'")
        default: return nil
        }
    }

    private static func isNegative(_ argument: String) -> Bool {
        let second = argument.dropFirst().first
        return argument.first == "-" && second?.isASCII == true && second?.isNumber == true
    }

    /// Whether what follows is the value of an option that is no amount.
    private static func isOtherValue(_ previous: String?) -> Bool {
        guard let previous, previous.hasPrefix("--") else { return false }
        return !["--", "--amount", "--limit", "--atomic"].contains(previous)
    }
}
