import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The options of a command, as argument-parser itself describes them.
struct CommandSyntax: Sendable {
    /// With their dashes.
    private(set) var options: [String] = []
    private var withValue: Set<String> = []

    static let commands = TellerCommand.configuration.subcommands.compactMap {
        $0.configuration.commandName
    }

    init?(_ command: String) {
        let help = Data(TellerCommand._dumpHelp().utf8)
        guard let root = try? JSONDecoder().decode(Help.self, from: help).command,
            let found = root.subcommands?.first(where: { $0.commandName == command })
        else { return nil }
        for argument in found.arguments ?? [] {
            let names = (argument.names ?? []).map { ($0.kind == "short" ? "-" : "--") + $0.name }
            options += names
            if argument.kind == "option" { withValue.formUnion(names) }
        }
    }

    func takesValue(_ argument: String) -> Bool { withValue.contains(argument) }

    /// The first option among arguments that the command has not.
    func unknown(_ arguments: some Sequence<String>) -> String? {
        arguments.prefix { $0 != "--" }
            .filter { $0.utf8.count > 1 && $0.utf8.first == UInt8(ascii: "-") && !$0.isNegative }
            .map { String($0.unicodeScalars.prefix { $0 != "=" }) }
            .first { !options.contains($0) && !isJoinedFlags($0) }
    }

    /// Such as `-fn`, or `-n5`: short ones are argument-parser's to read.
    private func isJoinedFlags(_ name: String) -> Bool {
        !name.hasPrefix("--") && name.utf8.count > 2 && options.contains(String(name.prefix(2)))
    }

    private struct Help: Decodable {
        var command: Command
    }

    private struct Command: Decodable {
        var commandName: String
        var subcommands: [Command]?
        var arguments: [Argument]?
    }

    private struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
        }

        var kind: String
        var names: [Name]?
    }
}
